package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 8-bit integers.
 */
public final class I8 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Blocks.i8(src, offset);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        Blocks.putI8(dst, offset, Math.clamp(Blocks.round(src[at]), Byte.MIN_VALUE, Byte.MAX_VALUE));
    }
}
