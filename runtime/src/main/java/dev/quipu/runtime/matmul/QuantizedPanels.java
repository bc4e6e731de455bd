package dev.quipu.runtime.matmul;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A batch's activations quantised, to as many bits as leave sums of their products 16 bits: x = scale q, with one
 * scale a token for each {@value #BLOCK} channels. Channels beyond the last whole block are left out. Grows to the largest batch
 * seen.
 *
 * <pre>
 * pairs     short[panels][channels / 2][32][2], from {@value #FIRST_PAIR} on: an int lane holds two channels of a token
 * scales    float[panels][blocks][32]
 * sums      float[panels][blocks][32]: scale times the sum of the block's q
 * halfSums  float[panels][2 blocks][32]: the same of 16 channels
 * </pre>
 *
 * Pairs and scales are on the heap because the kernel that reads them is near the limit of what C2 inlines, and access to
 * an array takes it far fewer nodes than access to a segment.
 */
final class QuantizedPanels implements AutoCloseable {
    /** Channels that share a scale. */
    static final int BLOCK = 32;
    /** A large array's elements begin 16 bytes after a 64-byte boundary in HotSpot; pairs begin at the next. */
    static final int FIRST_PAIR = 24;
    /** Shorts of a block of one panel. */
    static final int BLOCK_PAIRS = BLOCK * Tile.PANEL;

    private static final int ALIGNMENT = 64;

    private Arena arena = Arena.ofShared();
    private int capacity;
    private int channels;
    short[] pairs = new short[0];
    float[] scales = new float[0];
    MemorySegment sums = MemorySegment.NULL;
    MemorySegment halfSums = MemorySegment.NULL;

    /** Makes room for a batch; what was held is lost. */
    void ensure(int panels, int channelsOfToken) {
        channels = channelsOfToken;
        int blocks = Math.multiplyExact(panels, channelsOfToken / BLOCK);
        if (blocks <= capacity) {
            return;
        }
        arena.close();
        arena = Arena.ofShared();
        capacity = blocks;
        pairs = new short[Math.addExact(Math.multiplyExact(blocks, BLOCK_PAIRS), FIRST_PAIR)];
        scales = new float[Math.multiplyExact(blocks, Tile.PANEL)];
        sums = arena.allocate(blocks * Tile.PANEL_BYTES, ALIGNMENT);
        halfSums = arena.allocate(2 * blocks * Tile.PANEL_BYTES, ALIGNMENT);
    }

    /** Number of a block of channels among those of all panels. */
    int block(int panel, int channel) {
        return panel * (channels / BLOCK) + channel / BLOCK;
    }

    /** Byte offset of a block's sum; half blocks are numbered likewise. */
    static long sumOffset(int block) {
        return block * Tile.PANEL_BYTES;
    }

    @Override
    public void close() {
        arena.close();
    }
}
