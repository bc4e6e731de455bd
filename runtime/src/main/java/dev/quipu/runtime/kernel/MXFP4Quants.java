package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** MXFP4, w = 2^(e - 128) value[n], values up to 12: 12 · 2730 < 2^15. */
final class MXFP4Quants implements QuantUnpacker {
    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return 12;
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
            long p = from + 17L * block;
            scales[scalesOffset + block] = Mxfp4.scale(ALL.get(JAVA_BYTE, p));
            Quants.fromBook(p + 1, CodeBooks.MXFP4, pairs, pairsOffset + 16 * block);
        }
    }
}
