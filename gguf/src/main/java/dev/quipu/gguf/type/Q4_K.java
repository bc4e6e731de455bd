package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 4.5 bits per weight, super-blocks of 256 in 144 bytes:
 *
 * <pre>
 *  0  d       f16
 *  2  dmin    f16
 *  4  scales  12 bytes: 8 scales and 8 minimums of 6 bits, see Blocks
 * 16  qs      128 bytes: each 32 bytes hold two runs of 32 elements, low nibbles first
 * </pre>
 *
 * w = d * scale * q - dmin * minimum. Source: ggml's block_q4_K.
 */
public final class Q4_K implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        float dmin = Blocks.f16(src, offset + 2);
        for (int j = 0; j < 8; j++) {
            float scale = d * Blocks.scale6(src, offset + 4, j);
            float minimum = dmin * Blocks.minimum6(src, offset + 4, j);
            for (int i = 0; i < 32; i++) {
                int q = Blocks.u8(src, offset + 16 + j / 2 * 32 + i) >>> j % 2 * 4 & 15;
                dst[at + j * 32 + i] = scale * q - minimum;
            }
        }
    }
}
