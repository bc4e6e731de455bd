package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 5.5 bits per weight, blocks of 32 in 22 bytes:
 *
 * <pre>
 *  0  d    f16
 *  2  qh   u32: bit i is bit 4 of element i
 *  6  qs   16 bytes: low nibbles are elements 0..15, high nibbles 16..31
 * </pre>
 *
 * w = d * (q - 16). Source: ggml's block_q5_0.
 */
public final class Q5_0 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        int high = Blocks.i32(src, offset + 2);
        for (int i = 0; i < 16; i++) {
            int q = Blocks.u8(src, offset + 6 + i);
            dst[at + i] = d * ((q & 15 | (high >>> i & 1) << 4) - 16);
            dst[at + 16 + i] = d * ((q >>> 4 | (high >>> i + 16 & 1) << 4) - 16);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float d = Blocks.extreme(src, at, 32) / -16;
        float inverse = d == 0 ? 0 : 1 / d;
        Blocks.putF16(dst, offset, d);
        int bits = 0;
        for (int i = 0; i < 16; i++) {
            int low = Math.clamp((int) (src[at + i] * inverse + 16.5f), 0, 31);
            int high = Math.clamp((int) (src[at + 16 + i] * inverse + 16.5f), 0, 31);
            bits |= low >>> 4 << i | high >>> 4 << i + 16;
            Blocks.putI8(dst, offset + 6 + i, low & 15 | (high & 15) << 4);
        }
        Blocks.putI32(dst, offset + 2, bits);
    }
}
