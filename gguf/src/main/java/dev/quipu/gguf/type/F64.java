package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 64-bit IEEE 754 numbers, narrowed to floats.
 */
public final class F64 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = (float) src.get(Blocks.F64, offset);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        dst.set(Blocks.F64, offset, src[at]);
    }
}
