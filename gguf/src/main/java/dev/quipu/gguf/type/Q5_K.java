package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 5.5 bits per weight, super-blocks of 256 in 176 bytes:
 *
 * <pre>
 *  0  d       f16
 *  2  dmin    f16
 *  4  scales  12 bytes: 8 scales and 8 minimums of 6 bits, see Blocks
 * 16  qh      32 bytes: bit j of byte i is bit 4 of element i of run j
 * 48  qs      128 bytes: each 32 bytes hold two runs of 32 elements, low nibbles first
 * </pre>
 *
 * w = d * scale * q - dmin * minimum. Source: ggml's block_q5_K.
 */
public final class Q5_K implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        float dmin = Blocks.f16(src, offset + 2);
        for (int j = 0; j < 8; j++) {
            float scale = d * Blocks.scale6(src, offset + 4, j);
            float minimum = dmin * Blocks.minimum6(src, offset + 4, j);
            for (int i = 0; i < 32; i++) {
                int low = Blocks.u8(src, offset + 48 + j / 2 * 32 + i) >>> j % 2 * 4 & 15;
                int q = low | (Blocks.u8(src, offset + 16 + i) >>> j & 1) << 4;
                dst[at + j * 32 + i] = scale * q - minimum;
            }
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        Fit.Affine[] fits = Fit.affine(src, at, 8, 32, 31);
        float d = Blocks.putF16(dst, offset, Fit.greatestScale(fits) / 63);
        float dmin = Blocks.putF16(dst, offset + 2, Fit.greatestMinimum(fits) / 63);
        dst.asSlice(offset + 4, 172).fill((byte) 0);
        for (int j = 0; j < 8; j++) {
            int scale = Fit.code(fits[j].scale(), d, 0, 63);
            int minimum = Fit.code(fits[j].minimum(), dmin, 0, 63);
            Blocks.putScale6(dst, offset + 4, j, scale, minimum);
            for (int i = 0; i < 32; i++) {
                int q = Fit.code(src[at + j * 32 + i] + dmin * minimum, d * scale, 0, 31);
                Blocks.or(dst, offset + 48 + j / 2 * 32 + i, (q & 15) << j % 2 * 4);
                Blocks.or(dst, offset + 16 + i, q >>> 4 << j);
            }
        }
    }
}
