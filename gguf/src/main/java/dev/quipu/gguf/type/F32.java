package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 32-bit IEEE 754 numbers.
 */
public final class F32 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = src.get(Blocks.F32, offset);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        dst.set(Blocks.F32, offset, src[at]);
    }
}
