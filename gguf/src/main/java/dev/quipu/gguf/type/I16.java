package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 16-bit integers.
 */
public final class I16 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = (short) Blocks.u16(src, offset);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        Blocks.putI16(dst, offset, Math.clamp(Blocks.round(src[at]), Short.MIN_VALUE, Short.MAX_VALUE));
    }
}
