package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.INT;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q4_K and Q5_K, w = d scale n - dmin min, with n centred: n - 8, 8 · 4095 < 2^15, or n - 16, 16 · 2047 < 2^15. The minimum is then d scale times the centre, less dmin min.
 */
enum MinimumQuants implements QuantUnpacker {
    Q4_K(144, 8),
    Q5_K(176, 16);

    private static final IntVector EIGHT = Quants.centre(8);
    private static final IntVector SIXTEEN = Quants.centre(16);

    private final int blockBytes;
    private final int centre;

    MinimumQuants(int blockBytes, int centre) {
        this.blockBytes = blockBytes;
        this.centre = centre;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return centre;
    }

    @Override
    public boolean hasMinima() {
        return true;
    }

    @Override
    public void unpack(
            MemorySegment w,
            long offset,
            int[] pairs,
            int pairsOffset,
            float[] scales,
            int scalesOffset,
            float[] minima,
            int minimaOffset,
            int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + (long) block * blockBytes;
            scales(p, scales, scalesOffset + 8 * block, minima, minimaOffset + 8 * block);
            int at = pairsOffset + 128 * block;
            if (this == Q4_K) {
                nibbles(p + 16, pairs, at);
            } else {
                fiveBits(p + 16, pairs, at);
            }
        }
    }

    /** Eight scales and eight minima of six bits in twelve bytes; see {@link dev.quipu.gguf.type.Q4_K}. */
    private void scales(long p, float[] scales, int s, float[] minima, int m) {
        float d = Float.float16ToFloat(ALL.get(SHORT, p));
        float dmin = Float.float16ToFloat(ALL.get(SHORT, p + 2));
        int s0 = ALL.get(INT, p + 4);
        int s1 = ALL.get(INT, p + 8);
        int s2 = ALL.get(INT, p + 12);
        long low = (s0 & 0x3f3f3f3fL) | (long) (s2 & 0x0f0f0f0f | (s0 >>> 6 & 0x03030303) << 4) << 32;
        long high = (s1 & 0x3f3f3f3fL) | (long) (s2 >>> 4 & 0x0f0f0f0f | (s1 >>> 6 & 0x03030303) << 4) << 32;
        for (int j = 0; j < 8; j++) {
            float scale = d * (low >>> 8 * j & 63);
            scales[s + j] = scale;
            minima[m + j] = centre * scale - dmin * (high >>> 8 * j & 63);
        }
    }

    private static void nibbles(long p, int[] pairs, int at) {
        for (int i = 0; i < 8; i++) {
            ShortVector q = Quants.bytes(p + 16L * i);
            int to = at + i / 2 * 32 + i % 2 * 8;
            Quants.store(q.and(Quants.FIFTEEN), EIGHT, pairs, to);
            Quants.store(Quants.field(q, 4, Quants.FIFTEEN), EIGHT, pairs, to + 16);
        }
    }

    /** One run of 16 at a time: with more in its loop the method is too much for C2, and vectors are boxed. */
    private static void fiveBits(long p, int[] pairs, int at) {
        for (int run = 0; run < 16; run++) {
            int nibble = run % 2;
            int i = run / 2;
            // Bit 2 (i / 2) of a byte is the fifth of a low nibble, the next one that of the high nibble.
            ShortVector h = Quants.bytes(p + 16L * (i % 2)).mul(Quants.SIXTEEN);
            ShortVector fifth = Quants.field(h, i / 2 * 2 + nibble, Quants.SIXTEEN);
            ShortVector q = Quants.field(Quants.bytes(p + 32 + 16L * i), 4 * nibble, Quants.FIFTEEN);
            Quants.store(q.or(fifth), SIXTEEN, pairs, at + i / 2 * 32 + i % 2 * 8 + 16 * nibble);
        }
    }
}
