package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 2.625 bits per weight, super-blocks of 256 in 84 bytes:
 *
 * <pre>
 *  0  scales  16 bytes, one per 16 elements: low nibble scale, high nibble minimum
 * 16  qs      64 bytes: in each half of 32 bytes, bit pairs 0, 2, 4, 6 are four runs of 32 elements
 * 80  d       f16
 * 82  dmin    f16
 * </pre>
 *
 * w = d * scale * q - dmin * minimum. Source: ggml's block_q2_K.
 */
public final class Q2_K implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset + 80);
        float dmin = Blocks.f16(src, offset + 82);
        for (int i = 0; i < 256; i++) {
            int scales = Blocks.u8(src, offset + i / 16);
            int q = Blocks.u8(src, offset + 16 + i / 128 * 32 + i % 32) >>> i % 128 / 32 * 2 & 3;
            dst[at + i] = d * (scales & 15) * q - dmin * (scales >>> 4);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        Fit.Affine[] fits = Fit.affine(src, at, 16, 16, 3);
        float d = Blocks.putF16(dst, offset + 80, Fit.greatestScale(fits) / 15);
        float dmin = Blocks.putF16(dst, offset + 82, Fit.greatestMinimum(fits) / 15);
        dst.asSlice(offset + 16, 64).fill((byte) 0);
        for (int j = 0; j < 16; j++) {
            int scale = Fit.code(fits[j].scale(), d, 0, 15);
            int minimum = Fit.code(fits[j].minimum(), dmin, 0, 15);
            Blocks.putI8(dst, offset + j, scale | minimum << 4);
            for (int i = j * 16; i < j * 16 + 16; i++) {
                int q = Fit.code(src[at + i] + dmin * minimum, d * scale, 0, 3);
                Blocks.or(dst, offset + 16 + i / 128 * 32 + i % 32, q << i % 128 / 32 * 2);
            }
        }
    }
}
