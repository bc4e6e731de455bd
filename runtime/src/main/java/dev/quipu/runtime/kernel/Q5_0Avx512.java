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
 * Q5_0 times 10-bit integers, 512 bits: w = d (n - 16). A block has 22 bytes: d (half precision), the fifth bits of 32 columns,
 * and 16 bytes, byte j with the lower bits of columns j (low) and j + 16 (high).
 *
 * <p>Int lane j gets both columns, a short each. Where the fifth bit is missing, n - 16 is the nibble with all bits above
 * it set.
 */
final class Q5_0Avx512 implements RowProduct {
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
        IntVector nibbles = IntVector.broadcast(I, 0x000f000f);
        IntVector low = IntVector.broadcast(I, 0x0000fff0);
        IntVector high = IntVector.broadcast(I, 0xfff00000);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (int v = 0; v < blocks; v++) {
                long p = row + 22L * v;
                int fifth = ~ALL.get(INT, p + 2);
                IntVector b = (IntVector)
                        ByteVector.fromMemorySegment(Avx512.B16, ALL, p + 6, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
                b = b.or(b.lanewise(LSHL, 12)).and(nibbles);
                b = b.lanewise(OR, low, VectorMask.fromLong(I, fifth & 0xffff));
                b = b.lanewise(OR, high, VectorMask.fromLong(I, fifth >>> 16));
                IntVector t = b.reinterpretAsShorts()
                        .mul(IntVector.fromMemorySegment(I, ALL, x + 64L * v, LE)
                                .reinterpretAsShorts())
                        .reinterpretAsInts();
                float d = Float.float16ToFloat(ALL.get(SHORT, p)) * ALL.get(FLOAT, x + scales + 4L * v);
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0)).fma(FloatVector.broadcast(F, d), a);
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
