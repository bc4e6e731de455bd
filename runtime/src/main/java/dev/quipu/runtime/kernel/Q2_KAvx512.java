package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q2_K times 9-bit integers, 512 bits: w = d scale n - dmin min.
 *
 * <p>A super-block has 84 bytes: 16 of a scale (low nibble) and a min for 16 columns each, 64 of bit pairs, laid out as in
 * {@link Q3_KAvx512}, d and dmin.
 */
final class Q2_KAvx512 implements RowProduct {
    /** Which group the sums of planes 0 and 1 are of: even ints of plane 1, odd ones of plane 0. */
    private static final IntVector GROUP_01 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2 + 2 * (1 - i % 2));

    /** Likewise of planes 2 and 3. */
    private static final IntVector GROUP_23 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2 + 4 + 2 * (1 - i % 2));

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
        long end = x + columns / 256 * (long) SuperBlocks.RECORD;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        IntVector group01 = GROUP_01;
        IntVector group23 = GROUP_23;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector nibbles = IntVector.broadcast(I, 15);
        IntVector pairs = IntVector.broadcast(I, 0x03030303);
        for (int r = 0; r < count; r++) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            long p = w + r * rowBytes;
            for (long at = x; at != end; at += SuperBlocks.RECORD) {
                int halves =
                        IntVector.fromMemorySegment(Avx512.I4, ALL, p + 80, LE).lane(0);
                IntVector k = (IntVector)
                        ByteVector.fromMemorySegment(Avx512.B16, ALL, p, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
                FloatVector m = ((FloatVector) k.lanewise(LSHR, 4).convertShape(I2F, F, 0))
                        .mul(Float.float16ToFloat((short) (halves >> 16)));
                b = m.fma(FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SUMS, LE), b);
                IntVector scales = ((FloatVector) k.and(nibbles).convertShape(I2F, F, 0))
                        .mul(Float.float16ToFloat((short) halves))
                        .mul(FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SCALES, LE))
                        .reinterpretAsInts();
                IntVector q = IntVector.fromMemorySegment(I, ALL, p + 16, LE);
                ShortVector s = q.and(pairs).reinterpretAsShorts();
                LongVector t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 64, LE)));
                s = q.lanewise(LSHR, 2).and(pairs).reinterpretAsShorts();
                LongVector u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 128, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 192, LE)));
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                a = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group01.selectFrom(scales).reinterpretAsFloats(), a);
                s = q.lanewise(LSHR, 4).and(pairs).reinterpretAsShorts();
                t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 256, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 320, LE)));
                s = q.lanewise(LSHR, 6).and(pairs).reinterpretAsShorts();
                u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 384, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 448, LE)));
                c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                b = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group23.selectFrom(scales).reinterpretAsFloats(), b);
                p += 84;
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
