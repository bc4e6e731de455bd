package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/** Q2_K, w = d scale n - dmin min: n is at most 3, 3 · 10,922 < 2^15. See {@link Q2_KAvx512}. */
final class Q2_KQuants implements QuantUnpacker {
    @Override
    public int group() {
        return 16;
    }

    @Override
    public int limit() {
        return 3;
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
            long p = from + 84L * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p + 80));
            float dmin = Float.float16ToFloat(ALL.get(SHORT, p + 82));
            for (int i = 0; i < 16; i++) {
                int s = ALL.get(JAVA_BYTE, p + i);
                scales[scalesOffset + 16 * block + i] = d * (s & 15);
                minima[minimaOffset + 16 * block + i] = -dmin * (s >>> 4 & 15);
            }
            for (int i = 0; i < 4; i++) {
                ShortVector q = Quants.bytes(p + 16 + 16L * i);
                int at = pairsOffset + 128 * block + i / 2 * 64 + i % 2 * 8;
                for (int run = 0; run < 4; run++) {
                    Quants.field(q, 2 * run, Quants.THREE).reinterpretAsInts().intoArray(pairs, at + 16 * run);
                }
            }
        }
    }
}
