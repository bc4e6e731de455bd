package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 4.5 bits per weight, blocks of 32 in 18 bytes:
 *
 * <pre>
 *  0  d    f16
 *  2  qs   16 bytes: low nibbles are elements 0..15, high nibbles 16..31
 * </pre>
 *
 * w = d * (q - 8). Source: ggml's block_q4_0.
 */
public final class Q4_0 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        for (int i = 0; i < 16; i++) {
            int q = Blocks.u8(src, offset + 2 + i);
            dst[at + i] = d * ((q & 15) - 8);
            dst[at + 16 + i] = d * ((q >>> 4) - 8);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float d = Blocks.extreme(src, at, 32) / -8;
        float inverse = d == 0 ? 0 : 1 / d;
        Blocks.putF16(dst, offset, d);
        for (int i = 0; i < 16; i++) {
            int low = Math.clamp((int) (src[at + i] * inverse + 8.5f), 0, 15);
            int high = Math.clamp((int) (src[at + 16 + i] * inverse + 8.5f), 0, 15);
            Blocks.putI8(dst, offset + 2 + i, low | high << 4);
        }
    }
}
