package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 8.5 bits per weight, blocks of 32 in 34 bytes:
 *
 * <pre>
 *  0  d    f16
 *  2  qs   32 signed bytes
 * </pre>
 *
 * w = d * q. Source: ggml's block_q8_0.
 */
public final class Q8_0 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        for (int i = 0; i < 32; i++) {
            dst[at + i] = d * Blocks.i8(src, offset + 2 + i);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float d = Math.abs(Blocks.extreme(src, at, 32)) / 127;
        float inverse = d == 0 ? 0 : 1 / d;
        Blocks.putF16(dst, offset, d);
        for (int i = 0; i < 32; i++) {
            Blocks.putI8(dst, offset + 2 + i, Math.clamp(Blocks.round(src[at + i] * inverse), -128, 127));
        }
    }
}
