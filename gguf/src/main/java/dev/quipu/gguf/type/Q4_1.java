package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 5 bits per weight, blocks of 32 in 20 bytes:
 *
 * <pre>
 *  0  d    f16
 *  2  m    f16
 *  4  qs   16 bytes: low nibbles are elements 0..15, high nibbles 16..31
 * </pre>
 *
 * w = d * q + m. Source: ggml's block_q4_1.
 */
public final class Q4_1 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        float m = Blocks.f16(src, offset + 2);
        for (int i = 0; i < 16; i++) {
            int q = Blocks.u8(src, offset + 4 + i);
            dst[at + i] = d * (q & 15) + m;
            dst[at + 16 + i] = d * (q >>> 4) + m;
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float m = Blocks.least(src, at, 32);
        float d = (Blocks.greatest(src, at, 32) - m) / 15;
        float inverse = d == 0 ? 0 : 1 / d;
        Blocks.putF16(dst, offset, d);
        Blocks.putF16(dst, offset + 2, m);
        for (int i = 0; i < 16; i++) {
            int low = Math.clamp((int) ((src[at + i] - m) * inverse + 0.5f), 0, 15);
            int high = Math.clamp((int) ((src[at + 16 + i] - m) * inverse + 0.5f), 0, 15);
            Blocks.putI8(dst, offset + 4 + i, low | high << 4);
        }
    }
}
