package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static jdk.incubator.vector.VectorOperators.B2S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;

/** Q8_0, w = d n, n from -128 to 127: 128 · 255 < 2^15. */
final class Q8_0Quants implements QuantUnpacker {
    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return 128;
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
            long p = from + 34L * block;
            scales[scalesOffset + block] = Float.float16ToFloat(ALL.get(SHORT, p));
            int at = pairsOffset + 16 * block;
            ByteVector first = ByteVector.fromMemorySegment(Quants.B, ALL, p + 2, Unpacker.LE);
            ByteVector second = ByteVector.fromMemorySegment(Quants.B, ALL, p + 18, Unpacker.LE);
            Quants.store((ShortVector) first.convertShape(B2S, Quants.S, 0), pairs, at);
            Quants.store((ShortVector) second.convertShape(B2S, Quants.S, 0), pairs, at + 8);
        }
    }
}
