package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.INT;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Q3_K, w = d (scale - 32) (n - 4): 4 · 8191 < 2^15. See {@link Q3_KAvx512}. */
final class Q3_KQuants implements QuantUnpacker {
    private static final IntVector CENTRE = Quants.centre(4);

    @Override
    public int group() {
        return 16;
    }

    @Override
    public int limit() {
        return 4;
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
            long p = from + 110L * block;
            scales(p, scales, scalesOffset + 16 * block);
            for (int i = 0; i < 4; i++) {
                // Sixteen columns of each of the four runs of 32 of a half, which differ in the bits they take.
                ShortVector q = Quants.bytes(p + 32 + 16L * i);
                ShortVector h = Quants.bytes(p + 16L * (i % 2));
                int at = pairsOffset + 128 * block + i / 2 * 64 + i % 2 * 8;
                for (int run = 0; run < 4; run++) {
                    ShortVector high =
                            Quants.field(h, i / 2 * 4 + run, Quants.ONE).mul((short) 4);
                    Quants.store(Quants.field(q, 2 * run, Quants.THREE).or(high), CENTRE, pairs, at + 16 * run);
                }
            }
        }
    }

    private static void scales(long p, float[] scales, int at) {
        float d = Float.float16ToFloat(ALL.get(SHORT, p + 108));
        int s0 = ALL.get(INT, p + 96);
        int s1 = ALL.get(INT, p + 100);
        int s2 = ALL.get(INT, p + 104);
        long low = (s0 & 0x0f0f0f0f | (s2 & 0x03030303) << 4) & 0xffffffffL
                | (long) (s1 & 0x0f0f0f0f | (s2 >>> 2 & 0x03030303) << 4) << 32;
        long high = (s0 >>> 4 & 0x0f0f0f0f | (s2 >>> 4 & 0x03030303) << 4) & 0xffffffffL
                | (long) (s1 >>> 4 & 0x0f0f0f0f | (s2 >>> 6 & 0x03030303) << 4) << 32;
        for (int j = 0; j < 8; j++) {
            scales[at + j] = d * ((int) (low >>> 8 * j & 63) - 32);
            scales[at + 8 + j] = d * ((int) (high >>> 8 * j & 63) - 32);
        }
    }
}
