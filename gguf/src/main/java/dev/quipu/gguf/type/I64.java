package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 64-bit integers, rounded to floats.
 */
public final class I64 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = src.get(Blocks.I64, offset);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        dst.set(Blocks.I64, offset, Math.round((double) src[at]));
    }
}
