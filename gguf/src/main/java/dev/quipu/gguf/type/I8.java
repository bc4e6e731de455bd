package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 8-bit integers.
 */
public final class I8 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Blocks.i8(src, offset);
    }
}
