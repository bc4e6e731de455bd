package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 16-bit IEEE 754 numbers.
 */
public final class F16 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Blocks.f16(src, offset);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        Blocks.putF16(dst, offset, src[at]);
    }
}
