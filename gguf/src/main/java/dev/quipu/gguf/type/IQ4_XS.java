package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 4.25 bits per weight, super-blocks of 256 in 136 bytes:
 *
 * <pre>
 *  0  d         f16
 *  2  scales_h  u16: two high bits of each of the 8 scales
 *  4  scales_l  4 bytes: low nibbles of the scales
 *  8  qs        128 bytes: per run of 32 elements 16 bytes, low nibbles first
 * </pre>
 *
 * w = d * (scale - 32) * IQ4_NL's value of q. Source: ggml's block_iq4_xs.
 */
public final class IQ4_XS implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        int high = Blocks.u16(src, offset + 2);
        for (int j = 0; j < 8; j++) {
            int low = Blocks.u8(src, offset + 4 + j / 2) >>> j % 2 * 4 & 15;
            float scale = d * ((low | (high >>> 2 * j & 3) << 4) - 32);
            for (int i = 0; i < 16; i++) {
                int q = Blocks.u8(src, offset + 8 + j * 16 + i);
                dst[at + j * 32 + i] = scale * IQ4_NL.value(q & 15);
                dst[at + j * 32 + 16 + i] = scale * IQ4_NL.value(q >>> 4);
            }
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float[] scales = Fit.scales(src, at, 8, 32, IQ4_NL.GRID);
        float d = Blocks.putF16(dst, offset, Blocks.extreme(scales, 0, 8) / -32);
        dst.asSlice(offset + 2, 134).fill((byte) 0);
        for (int j = 0; j < 8; j++) {
            int scale = Fit.code(scales[j], d, -32, 31);
            Blocks.or(dst, offset + 4 + j / 2, (scale + 32 & 15) << j % 2 * 4);
            Blocks.or(dst, offset + 2 + j / 4, scale + 32 >>> 4 << j % 4 * 2);
            for (int i = 0; i < 32; i++) {
                int q = IQ4_NL.GRID.index(d * scale == 0 ? 0 : src[at + j * 32 + i] / (d * scale));
                Blocks.or(dst, offset + 8 + j * 16 + i % 16, q << i / 16 * 4);
            }
        }
    }
}
