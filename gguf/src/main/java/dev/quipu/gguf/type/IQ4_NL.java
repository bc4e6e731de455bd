package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 4.5 bits per weight, blocks of 32 in 18 bytes, laid out as Q4_0; the nibbles index a table of unevenly spaced values.
 *
 * w = d * VALUES[q]. Source: ggml's block_iq4_nl.
 */
public final class IQ4_NL implements BlockCodec {
    private static final byte[] VALUES = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    static final Grid.Table GRID = Grid.table(VALUES);

    /** The table that nibbles index; also that of IQ4_XS. */
    public static byte[] values() {
        return VALUES.clone();
    }

    static int value(int q) {
        return VALUES[q];
    }

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        for (int i = 0; i < 16; i++) {
            int q = Blocks.u8(src, offset + 2 + i);
            dst[at + i] = d * VALUES[q & 15];
            dst[at + 16 + i] = d * VALUES[q >>> 4];
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float d = Blocks.putF16(dst, offset, Fit.scale(src, at, 32, GRID));
        for (int i = 0; i < 16; i++) {
            int low = GRID.index(d == 0 ? 0 : src[at + i] / d);
            int high = GRID.index(d == 0 ? 0 : src[at + 16 + i] / d);
            Blocks.putI8(dst, offset + 2 + i, low | high << 4);
        }
    }
}
