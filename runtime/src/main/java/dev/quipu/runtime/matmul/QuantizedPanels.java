package dev.quipu.runtime.matmul;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A batch's activations quantised, to as many bits as leave sums of their products 16 bits: x = scale q, with one
 * scale a token for each {@value #BLOCK} channels. Channels beyond the last whole block are left out. Grows to the largest batch seen.
 *
 * <pre>
 * pairs     int[panels][channels / 2][32], from {@value #FIRST_PAIR} on: 2^16 times q of an even channel, and q of the next
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
    static final int FIRST_PAIR = 12;

    private static final int ALIGNMENT = 64;

    private Arena arena = Arena.ofShared();
    private int capacity;
    private int channels;
    int[] pairs = new int[0];
    float[] scales = new float[0];
    MemorySegment sums = MemorySegment.NULL;
    MemorySegment halfSums = MemorySegment.NULL;

    /** Makes room for a batch; what was held is lost. */
    void ensure(int panels, int channelsOfToken) {
        channels = channelsOfToken / BLOCK * BLOCK;
        int blocks = Math.multiplyExact(panels, channels / BLOCK);
        if (blocks <= capacity) {
            return;
        }
        arena.close();
        arena = Arena.ofShared();
        capacity = blocks;
        pairs = new int[Math.addExact(Math.multiplyExact(blocks, BLOCK / 2 * Tile.PANEL), FIRST_PAIR)];
        scales = new float[Math.multiplyExact(blocks, Tile.PANEL)];
        sums = arena.allocate(blocks * Tile.PANEL_BYTES, ALIGNMENT);
        halfSums = arena.allocate(2 * blocks * Tile.PANEL_BYTES, ALIGNMENT);
    }

    /** Where the pairs of a channel, an even one, begin. */
    int pair(int panel, int channel) {
        return FIRST_PAIR + (panel * channels + channel) / 2 * Tile.PANEL;
    }

    /** Where the scales of the block that begins at a channel are. */
    int scale(int panel, int channel) {
        return block(panel, channel) * Tile.PANEL;
    }

    /** Byte offset of the sums of the block that begins at a channel; those of its halves are at twice this. */
    long sum(int panel, int channel) {
        return block(panel, channel) * Tile.PANEL_BYTES;
    }

    private int block(int panel, int channel) {
        return (panel * channels + channel) / BLOCK;
    }

    @Override
    public void close() {
        arena.close();
    }
}
