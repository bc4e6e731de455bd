package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * The upper half of 32-bit IEEE 754 numbers.
 */
public final class BF16 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Float.intBitsToFloat(Blocks.u16(src, offset) << 16);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        int bits = Float.floatToRawIntBits(src[at]);
        boolean nan = Float.isNaN(src[at]);
        // To nearest, ties to even; a NaN stays one.
        Blocks.putI16(dst, offset, nan ? bits >>> 16 | 64 : bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
