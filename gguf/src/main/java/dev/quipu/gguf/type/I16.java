package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 16-bit integers.
 */
public final class I16 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = (short) Blocks.u16(src, offset);
    }
}
