package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 8.5 bits per weight, blocks of 32 in 34 bytes:
 *
 * <pre>
 *  0  d    f16
 *  2  qs   32 signed bytes
 * </pre>
 *
 * w = d * q. Source: ggml's block_q8_0.
 */
public final class Q8_0 implements BlockDecoder {
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        for (int i = 0; i < 32; i++) {
            dst[at + i] = d * Blocks.i8(src, offset + 2 + i);
        }
    }
}
