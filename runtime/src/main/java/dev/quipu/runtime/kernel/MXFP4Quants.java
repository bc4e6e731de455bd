package dev.quipu.runtime.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;

/** MXFP4, w = 2^(e - 128) value[n], values up to 12: 12 · 170 · 16 = 32,640 < 2^15. */
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
    public boolean hasMinima() {
        return false;
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
        ByteVector values = CodeBooks.MXFP4;
        for (int block = 0; block < elements / 32; block++) {
            long p = offset + 17L * block;
            scales[scalesOffset + block] = Mxfp4.scale(w.get(JAVA_BYTE, p));
            ByteVector q = ByteVector.fromMemorySegment(Quants.B, w, p + 1, Unpacker.LE);
            ByteVector high = q.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
            int at = pairsOffset + 16 * block;
            ByteVector first = q.and((byte) 15).selectFrom(values);
            ByteVector second = high.and((byte) 15).selectFrom(values);
            Quants.store((ShortVector) first.convertShape(B2S, Quants.S, 0), pairs, at);
            Quants.store((ShortVector) second.convertShape(B2S, Quants.S, 0), pairs, at + 8);
        }
    }
}
