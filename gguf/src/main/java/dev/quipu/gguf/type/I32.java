package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 32-bit integers, rounded to floats.
 */
public final class I32 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Blocks.i32(src, offset);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        Blocks.putI32(dst, offset, Blocks.round(src[at]));
    }
}
