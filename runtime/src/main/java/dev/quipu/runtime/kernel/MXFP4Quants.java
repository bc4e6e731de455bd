package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** MXFP4, w = 2^(e - 128) value[n], values up to 12: 12 · 2730 < 2^15. */
final class MXFP4Quants implements QuantUnpacker {
    private static final IntVector CENTRE = Quants.centre(Mxfp4.LARGEST);
    private static final ByteVector BOOK = CodeBooks.MXFP4.add((byte) Mxfp4.LARGEST);
    private static final ByteVector LOW = ByteVector.broadcast(Quants.B, (byte) 15);

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return Mxfp4.LARGEST;
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
            ByteVector nibbles = ByteVector.fromMemorySegment(Quants.B, ALL, p + 1, Unpacker.LE);
            ByteVector high = nibbles.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
            values(nibbles, pairs, pairsOffset + 16 * block);
            values(high, pairs, pairsOffset + 16 * block + 8);
        }
    }

    private static void values(ByteVector nibbles, int[] pairs, int at) {
        ByteVector values = nibbles.and(LOW).selectFrom(BOOK);
        Quants.store((ShortVector) values.convertShape(ZERO_EXTEND_B2S, Quants.S, 0), CENTRE, pairs, at);
    }
}
