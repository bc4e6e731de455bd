package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 32-bit integers, rounded to floats.
 */
public final class I32 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Blocks.i32(src, offset);
    }
}
