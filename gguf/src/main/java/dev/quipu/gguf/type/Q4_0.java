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
public final class Q4_0 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        for (int i = 0; i < 16; i++) {
            int q = Blocks.u8(src, offset + 2 + i);
            dst[at + i] = d * ((q & 15) - 8);
            dst[at + 16 + i] = d * ((q >>> 4) - 8);
        }
    }
}
