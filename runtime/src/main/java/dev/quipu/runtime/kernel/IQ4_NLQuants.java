package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;

import java.lang.foreign.MemorySegment;

/** IQ4_NL, w = d value[n], values up to 127: 127 · 258 < 2^15. */
final class IQ4_NLQuants implements QuantUnpacker {
    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return 127;
    }

    @Override
    public boolean eightBits() {
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
        for (int block = 0; block < elements / 32; block++) {
            long p = from + 18L * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            scales[scalesOffset + block] = d;
            Quants.fromBook(p + 2, CodeBooks.IQ4_NL, pairs, pairsOffset + 16 * block);
        }
    }
}
