package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 16-bit IEEE 754 numbers.
 */
public final class F16 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Blocks.f16(src, offset);
    }
}
