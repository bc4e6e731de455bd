package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * The upper half of 32-bit IEEE 754 numbers.
 */
public final class BF16 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Float.intBitsToFloat(Blocks.u16(src, offset) << 16);
    }
}
