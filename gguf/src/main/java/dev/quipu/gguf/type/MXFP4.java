package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 4.25 bits per weight, blocks of 32 in 17 bytes (OCP Microscaling Formats 1.0, MXFP4):
 *
 * <pre>
 *  0  e   exponent, biased by 127
 *  1  qs  16 bytes: low nibbles are elements 0..15, high nibbles 16..31; E2M1: sign, two bits exponent, one bit mantissa
 * </pre>
 *
 * w = 2^(e - 127) * value(q). Values are kept doubled, so the scale is halved. Source: ggml's block_mxfp4.
 */
public final class MXFP4 implements BlockCodec {
    private static final byte[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    /** Twice the value of each E2M1 number. */
    public static byte[] doubledValues() {
        return DOUBLED.clone();
    }

    /** 2^(e - 128), subnormal for e below 2. */
    static float halvedScale(int e) {
        return Float.intBitsToFloat(e < 2 ? 0x00200000 << e : (e - 1) << 23);
    }

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = halvedScale(Blocks.u8(src, offset));
        for (int i = 0; i < 16; i++) {
            int q = Blocks.u8(src, offset + 1 + i);
            dst[at + i] = d * DOUBLED[q & 15];
            dst[at + 16 + i] = d * DOUBLED[q >>> 4];
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float greatest = Math.abs(Blocks.extreme(src, at, 32));
        // The greatest value, 6, has exponent 2.
        int e = greatest == 0 ? 0 : Math.clamp(Math.getExponent(greatest) - 2 + 127, 0, 254);
        float d = halvedScale(e);
        Blocks.putI8(dst, offset, e);
        for (int i = 0; i < 16; i++) {
            int low = code(src[at + i] / d);
            int high = code(src[at + 16 + i] / d);
            Blocks.putI8(dst, offset + 1 + i, low | high << 4);
        }
    }

    /** Index of the value nearest to {@code doubled}. */
    private static int code(float doubled) {
        int nearest = 0;
        for (int q = 1; q < 16; q++) {
            if (Math.abs(doubled - DOUBLED[q]) < Math.abs(doubled - DOUBLED[nearest])) {
                nearest = q;
            }
        }
        return nearest;
    }
}
