package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 1.6875 bits per weight, ternary, super-blocks of 256 in 54 bytes:
 *
 * <pre>
 *  0  qs  48 bytes of five ternary digits each: 32 bytes give elements 0..159, 16 bytes elements 160..239
 * 48  qh  4 bytes of four digits each: elements 240..255
 * 52  d   f16
 * </pre>
 *
 * A byte b holds digits as the fraction b / 256 in base 3: digit n is the integer part of 3 * (b * 3^n mod 256) / 256.
 * w = d * (digit - 1). Source: ggml's block_tq1_0.
 */
public final class TQ1_0 implements BlockCodec {
    private static final int[] POWERS = {1, 3, 9, 27, 81};

    private static int digit(int b, int n) {
        return (b * POWERS[n] & 255) * 3 >>> 8;
    }

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset + 52);
        for (int i = 0; i < 256; i++) {
            int value;
            if (i < 160) {
                value = digit(Blocks.u8(src, offset + i % 32), i / 32);
            } else if (i < 240) {
                value = digit(Blocks.u8(src, offset + 32 + (i - 160) % 16), (i - 160) / 16);
            } else {
                value = digit(Blocks.u8(src, offset + 48 + (i - 240) % 4), (i - 240) / 4);
            }
            dst[at + i] = d * (value - 1);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float d = Blocks.putF16(dst, offset + 52, Math.abs(Blocks.extreme(src, at, 256)));
        for (int b = 0; b < 52; b++) {
            int first = b < 32 ? b : b < 48 ? 160 + b - 32 : 240 + b - 48;
            int step = b < 32 ? 32 : b < 48 ? 16 : 4;
            int number = 0;
            for (int n = 0; n < 5; n++) {
                boolean element = b < 48 || n < 4;
                number = number * 3 + (element ? Fit.code(src[at + first + n * step], d, -1, 1) + 1 : 0);
            }
            Blocks.putI8(dst, offset + b, (number * 256 + 242) / 243);
        }
    }
}
