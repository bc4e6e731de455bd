package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 2.0625 bits per weight, ternary, super-blocks of 256 in 66 bytes:
 *
 * <pre>
 *  0  qs  64 bytes: in each half of 32 bytes, bit pairs 0, 2, 4, 6 are four runs of 32 elements
 * 64  d   f16
 * </pre>
 *
 * w = d * (q - 1). Source: ggml's block_tq2_0.
 */
public final class TQ2_0 implements BlockCodec {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset + 64);
        for (int i = 0; i < 256; i++) {
            int q = Blocks.u8(src, offset + i / 128 * 32 + i % 32) >>> i % 128 / 32 * 2 & 3;
            dst[at + i] = d * (q - 1);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float d = Blocks.putF16(dst, offset + 64, Math.abs(Blocks.extreme(src, at, 256)));
        dst.asSlice(offset, 64).fill((byte) 0);
        for (int i = 0; i < 256; i++) {
            int q = Fit.code(src[at + i], d, -1, 1) + 1;
            Blocks.or(dst, offset + i / 128 * 32 + i % 32, q << i % 128 / 32 * 2);
        }
    }
}
