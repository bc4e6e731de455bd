package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.INT;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Q5_1 times 10-bit integers, 512 bits: w = d n + m. A block has 24 bytes: d and m (half precision), the fifth bits of 32
 * columns, and 16 bytes, byte j with the lower bits of columns j (low) and j + 16 (high). Int lane j gets both columns, a
 * short each; m meets the sum of the block's activations.
 */
final class Q5_1Avx512 implements RowProduct {
    @Override
    public ActivationFormat format() {
        return HalfPairs.TEN_BITS;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 32;
        long scales = HalfPairs.scales(columns);
        long sums = HalfPairs.sums(columns);
        IntVector nibbles = IntVector.broadcast(I, 0x000f000f);
        IntVector low = IntVector.broadcast(I, 0x00000010);
        IntVector high = IntVector.broadcast(I, 0x00100000);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            float minimum = 0;
            for (int v = 0; v < blocks; v++) {
                long p = row + 24L * v;
                int fifth = ALL.get(INT, p + 4);
                IntVector b = (IntVector)
                        ByteVector.fromMemorySegment(Avx512.B16, ALL, p + 8, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
                b = b.or(b.lanewise(LSHL, 12)).and(nibbles);
                b = b.lanewise(OR, low, VectorMask.fromLong(I, fifth & 0xffff));
                b = b.lanewise(OR, high, VectorMask.fromLong(I, fifth >>> 16));
                IntVector t = b.reinterpretAsShorts()
                        .mul(IntVector.fromMemorySegment(I, ALL, x + 64L * v, LE)
                                .reinterpretAsShorts())
                        .reinterpretAsInts();
                float d = Float.float16ToFloat(ALL.get(SHORT, p)) * ALL.get(FLOAT, x + scales + 4L * v);
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0)).fma(FloatVector.broadcast(F, d), a);
                minimum = Math.fma(
                        Float.float16ToFloat(ALL.get(SHORT, p + 2)), ALL.get(FLOAT, x + sums + 4L * v), minimum);
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0) + minimum);
        }
    }
}
