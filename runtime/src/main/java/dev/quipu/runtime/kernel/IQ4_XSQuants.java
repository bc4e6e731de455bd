package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.INT;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;

import java.lang.foreign.MemorySegment;

/**
 * IQ4_XS, w = d (scale - 32) value[n], values up to 127: 127 · 258 < 2^15. See {@link IQ4_XSUnpack}.
 */
final class IQ4_XSQuants implements QuantUnpacker {
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
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 136L * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            int high = ALL.get(SHORT, p + 2);
            int low = ALL.get(INT, p + 4);
            for (int j = 0; j < 8; j++) {
                scales[scalesOffset + 8 * block + j] = d * ((low >>> 4 * j & 15 | (high >>> 2 * j & 3) << 4) - 32);
                Quants.fromBook(p + 8 + 16L * j, CodeBooks.IQ4_NL, pairs, pairsOffset + 128 * block + 16 * j);
            }
        }
    }
}
