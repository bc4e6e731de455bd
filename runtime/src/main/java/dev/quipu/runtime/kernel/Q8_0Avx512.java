package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static dev.quipu.runtime.kernel.Avx512.SHORT;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.I2F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q8_0 times 8-bit integers, 512 bits: w = d n. A block has 34 bytes: d (half precision), 32 signed bytes.
 *
 * <p>Two neighbours sum to at most 127 * 128 * 2 = 32,512. As many floats as activations would do no worse in arithmetic,
 * but those of a wide matrix would not fit the first-level cache next to the stream of weights, which then comes at half
 * its rate.
 */
final class Q8_0Avx512 implements RowProduct {
    private static final VectorSpecies<Byte> B32 = ByteVector.SPECIES_256;

    @Override
    public ActivationFormat format() {
        return PlainBlocks.EIGHT_BITS;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 32;
        long scales = PlainBlocks.scales(columns);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (int v = 0; v < blocks; v++) {
                long p = row + 34L * v;
                IntVector t = ((ShortVector) ByteVector.fromMemorySegment(B32, ALL, p + 2, LE)
                                .convertShape(B2S, S, 0))
                        .mul(ShortVector.fromMemorySegment(S, ALL, x + 64L * v, LE))
                        .reinterpretAsInts();
                float d = Float.float16ToFloat(ALL.get(SHORT, p)) * ALL.get(FLOAT, x + scales + 4L * v);
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0)).fma(FloatVector.broadcast(F, d), a);
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0) * Avx512.UPPER_SCALE);
        }
    }
}
