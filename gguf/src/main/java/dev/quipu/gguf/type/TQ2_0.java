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
public final class TQ2_0 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset + 64);
        for (int i = 0; i < 256; i++) {
            int q = Blocks.u8(src, offset + i / 128 * 32 + i % 32) >>> i % 128 / 32 * 2 & 3;
            dst[at + i] = d * (q - 1);
        }
    }
}
