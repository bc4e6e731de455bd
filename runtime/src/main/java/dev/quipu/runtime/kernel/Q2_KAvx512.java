package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q2_K times 9-bit integers, 512 bits: w = d scale n - dmin min.
 *
 * <p>A super-block has 84 bytes: 16 of a scale (low nibble) and a min for 16 columns each, 64 of bit pairs, laid out as in
 * {@link Q3_KAvx512}, d and dmin. Four products sum to at most 4 * 3 * 255 = 3,060.
 */
final class Q2_KAvx512 implements RowProduct {
    /** Lane i of plane z is of group 8 (i / 8) + 2 z + i / 4 % 2. */
    private static final IntVector GROUP_0 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2);

    private static final IntVector GROUP_1 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2 + 2);
    private static final IntVector GROUP_2 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2 + 4);
    private static final IntVector GROUP_3 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2 + 6);

    @Override
    public ActivationFormat format() {
        return SuperBlocks.Q2_K;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 256;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        IntVector group0 = GROUP_0;
        IntVector group1 = GROUP_1;
        IntVector group2 = GROUP_2;
        IntVector group3 = GROUP_3;
        IntVector nibbles = IntVector.broadcast(I, 15);
        IntVector pairs = IntVector.broadcast(I, 0x03030303);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < blocks; v++) {
                long p = row + v * 84L;
                long at = v * (long) SuperBlocks.RECORD;
                ShortVector c;
                ShortVector u;
                IntVector t;
                IntVector k = (IntVector)
                        ByteVector.fromMemorySegment(Avx512.B16, ALL, p, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
                FloatVector m = ((FloatVector) k.lanewise(LSHR, 4).convertShape(I2F, F, 0))
                        .mul(Float.float16ToFloat(ALL.get(Avx512.SHORT, p + 82)));
                b = m.fma(FloatVector.fromMemorySegment(F, ALL, x + at + SuperBlocks.SUMS, LE), b);
                FloatVector scales = ((FloatVector) k.and(nibbles).convertShape(I2F, F, 0))
                        .mul(Float.float16ToFloat(ALL.get(Avx512.SHORT, p + 80)))
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at + SuperBlocks.SCALES, LE));
                IntVector q = IntVector.fromMemorySegment(I, ALL, p + 16, LE);
                ShortVector s = q.and(pairs).reinterpretAsShorts();
                c = ShortVector.fromMemorySegment(S, ALL, x + at, LE);
                u = s.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 64, LE);
                t = u.add(s.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group0.selectFrom(scales.reinterpretAsInts()).reinterpretAsFloats(), a);
                s = q.lanewise(LSHR, 2).and(pairs).reinterpretAsShorts();
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 128, LE);
                u = s.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 192, LE);
                t = u.add(s.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                b = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group1.selectFrom(scales.reinterpretAsInts()).reinterpretAsFloats(), b);
                s = q.lanewise(LSHR, 4).and(pairs).reinterpretAsShorts();
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 256, LE);
                u = s.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 320, LE);
                t = u.add(s.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group2.selectFrom(scales.reinterpretAsInts()).reinterpretAsFloats(), a);
                s = q.lanewise(LSHR, 6).and(pairs).reinterpretAsShorts();
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 384, LE);
                u = s.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 448, LE);
                t = u.add(s.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                b = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group3.selectFrom(scales.reinterpretAsInts()).reinterpretAsFloats(), b);
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
