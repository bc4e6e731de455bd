package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 32-bit IEEE 754 numbers.
 */
public final class F32 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = src.get(Blocks.F32, offset);
    }
}
