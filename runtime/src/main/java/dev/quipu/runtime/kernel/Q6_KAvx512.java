package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q6_K times 8-bit integers, 512 bits: w = d scale (n - 32).
 *
 * <p>A super-block has 210 bytes: 128 of nibbles, 64 of upper bit pairs, 16 scales (one for 16 columns, signed), d. The -32
 * becomes one multiply-add with the groups' activation sums. Four products sum to at most 4 * 63 * 127 = 32,004.
 */
final class Q6_KAvx512 implements RowProduct {
    /**
     * From the upper bits h and h >>> 2: ints 0 to 7, the first 128 columns, of both; then 8 to 15. So the bit pairs that
     * planes 0 and 2 lack come to be at place 0, and those of planes 1 and 3 at place 4.
     */
    private static final IntVector FIRST = Avx512.ints(i -> i < 8 ? i : i + 8);

    private static final IntVector SECOND = Avx512.ints(i -> i < 8 ? i + 8 : i + 16);

    /** Lane i of plane z is of group 4 z + i / 4. */
    private static final IntVector GROUP_0 = Avx512.ints(i -> i / 4);

    private static final IntVector GROUP_1 = Avx512.ints(i -> 4 + i / 4);
    private static final IntVector GROUP_2 = Avx512.ints(i -> 8 + i / 4);
    private static final IntVector GROUP_3 = Avx512.ints(i -> 12 + i / 4);

    @Override
    public ActivationFormat format() {
        return SuperBlocks.Q6_K;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 256;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        IntVector first = FIRST;
        IntVector second = SECOND;
        IntVector group0 = GROUP_0;
        IntVector group1 = GROUP_1;
        IntVector group2 = GROUP_2;
        IntVector group3 = GROUP_3;
        IntVector nibbles = IntVector.broadcast(I, 0x0f0f0f0f);
        IntVector pairs = IntVector.broadcast(I, 0x30303030);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < blocks; v++) {
                long p = row + v * 210L;
                long at = v * (long) SuperBlocks.RECORD;
                ShortVector c;
                ShortVector u;
                IntVector t;
                FloatVector d = ((FloatVector) ByteVector.fromMemorySegment(Avx512.B16, ALL, p + 192, LE)
                                .convertShape(B2F, F, 0))
                        .mul(Float.float16ToFloat(ALL.get(Avx512.SHORT, p + 208)));
                b = d.fma(FloatVector.fromMemorySegment(F, ALL, x + at + SuperBlocks.SUMS, LE), b);
                FloatVector scales = d.mul(FloatVector.fromMemorySegment(F, ALL, x + at + SuperBlocks.SCALES, LE));
                IntVector h = IntVector.fromMemorySegment(I, ALL, p + 128, LE);
                IntVector q = IntVector.fromMemorySegment(I, ALL, p, LE);
                IntVector k = h.lanewise(LSHR, 2);
                IntVector g = first.selectFrom(h, k);
                ShortVector s =
                        q.and(nibbles).or(g.lanewise(LSHL, 4).and(pairs)).reinterpretAsShorts();
                c = ShortVector.fromMemorySegment(S, ALL, x + at, LE);
                u = s.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 64, LE);
                t = u.add(s.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group0.selectFrom(scales.reinterpretAsInts()).reinterpretAsFloats(), a);
                s = q.lanewise(LSHR, 4).and(nibbles).or(g.and(pairs)).reinterpretAsShorts();
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 128, LE);
                u = s.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 192, LE);
                t = u.add(s.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                b = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group1.selectFrom(scales.reinterpretAsInts()).reinterpretAsFloats(), b);
                q = IntVector.fromMemorySegment(I, ALL, p + 64, LE);
                g = second.selectFrom(h, k);
                s = q.and(nibbles).or(g.lanewise(LSHL, 4).and(pairs)).reinterpretAsShorts();
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 256, LE);
                u = s.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 320, LE);
                t = u.add(s.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group2.selectFrom(scales.reinterpretAsInts()).reinterpretAsFloats(), a);
                s = q.lanewise(LSHR, 4).and(nibbles).or(g.and(pairs)).reinterpretAsShorts();
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
