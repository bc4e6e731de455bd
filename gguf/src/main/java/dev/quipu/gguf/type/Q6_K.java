package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 6.5625 bits per weight, super-blocks of 256 in 210 bytes:
 *
 * <pre>
 *   0  ql      128 bytes: in each half of 64 bytes, low nibbles are runs 0 and 1 of 32 elements, high nibbles runs 2 and 3
 * 128  qh      64 bytes: in each half of 32 bytes, bit pairs 0, 2, 4, 6 are bits 4 and 5 of runs 0 to 3
 * 192  scales  16 signed bytes, one per 16 elements
 * 208  d       f16
 * </pre>
 *
 * w = d * scale * (q - 32). Source: ggml's block_q6_K.
 */
public final class Q6_K implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset + 208);
        for (int i = 0; i < 256; i++) {
            int half = i / 128;
            int run = i % 128 / 32;
            int low = Blocks.u8(src, offset + half * 64 + run % 2 * 32 + i % 32) >>> run / 2 * 4 & 15;
            int high = Blocks.u8(src, offset + 128 + half * 32 + i % 32) >>> run * 2 & 3;
            int scale = Blocks.i8(src, offset + 192 + i / 16);
            dst[at + i] = d * scale * ((low | high << 4) - 32);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float[] scales = Fit.scales(src, at, 16, 16, Grid.integers(-32, 31));
        float d = Blocks.putF16(dst, offset + 208, Blocks.extreme(scales, 0, 16) / -128);
        dst.asSlice(offset, 192).fill((byte) 0);
        for (int j = 0; j < 16; j++) {
            int scale = Fit.code(scales[j], d, -128, 127);
            Blocks.putI8(dst, offset + 192 + j, scale);
            for (int i = j * 16; i < j * 16 + 16; i++) {
                int q = Fit.code(src[at + i], d * scale, -32, 31) + 32;
                int half = i / 128;
                int run = i % 128 / 32;
                Blocks.or(dst, offset + half * 64 + run % 2 * 32 + i % 32, (q & 15) << run / 2 * 4);
                Blocks.or(dst, offset + 128 + half * 32 + i % 32, q >>> 4 << run * 2);
            }
        }
    }
}
