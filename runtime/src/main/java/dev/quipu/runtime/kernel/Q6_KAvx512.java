package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q6_K times 8-bit integers, 512 bits: w = d scale (n - 32).
 *
 * <p>A super-block has 210 bytes: 128 of nibbles, 64 of upper bit pairs, 16 scales (one for 16 columns, signed), d. What the
 * -32 makes of a lane is added to it.
 */
final class Q6_KAvx512 implements RowProduct {
    /**
     * From the upper bits h and h >>> 2: ints 0 to 7, the first 128 columns, of both; then 8 to 15. So the bit pairs that
     * planes 0 and 2 lack come to be at place 0, and those of planes 1 and 3 at place 4.
     */
    private static final IntVector FIRST = Avx512.ints(i -> i < 8 ? i : i + 8);

    private static final IntVector SECOND = Avx512.ints(i -> i < 8 ? i + 8 : i + 16);

    /** Which group the sums of planes 0 and 1 are of: even ints of plane 1, odd ones of plane 0. */
    private static final IntVector GROUP_01 = Avx512.ints(i -> i / 4 + 4 * (1 - i % 2));

    /** Likewise of planes 2 and 3. */
    private static final IntVector GROUP_23 = Avx512.ints(i -> i / 4 + 8 + 4 * (1 - i % 2));

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
        long end = x + columns / 256 * (long) SuperBlocks.Q6_K_RECORD;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        IntVector firstPairs = FIRST;
        IntVector secondPairs = SECOND;
        IntVector group01 = GROUP_01;
        IntVector group23 = GROUP_23;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector nibbles = IntVector.broadcast(I, 0x0f0f0f0f);
        IntVector pairs = IntVector.broadcast(I, 0x30303030);
        for (int r = 0; r < count; r++) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            long p = w + r * rowBytes;
            for (long at = x; at != end; at += SuperBlocks.Q6_K_RECORD) {
                FloatVector d = ((FloatVector) ByteVector.fromMemorySegment(Avx512.B16, ALL, p + 192, LE)
                                .convertShape(B2F, F, 0))
                        .mul(Float.float16ToFloat((short) IntVector.fromMemorySegment(Avx512.I4, ALL, p + 208, LE)
                                .lane(0)));
                IntVector scales = d.mul(FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SCALES, LE))
                        .reinterpretAsInts();
                IntVector h = IntVector.fromMemorySegment(I, ALL, p + 128, LE);
                IntVector q = IntVector.fromMemorySegment(I, ALL, p, LE);
                IntVector k = h.lanewise(LSHR, 2);
                IntVector g = firstPairs.selectFrom(h, k);
                ShortVector s =
                        q.and(nibbles).or(g.lanewise(LSHL, 4).and(pairs)).reinterpretAsShorts();
                LongVector t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 64, LE)));
                s = q.lanewise(LSHR, 4).and(nibbles).or(g.and(pairs)).reinterpretAsShorts();
                LongVector u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 128, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 192, LE)));
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                        .add(IntVector.fromMemorySegment(I, ALL, at + SuperBlocks.Q6_K_CONSTANTS, LE));
                a = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group01.selectFrom(scales).reinterpretAsFloats(), a);
                q = IntVector.fromMemorySegment(I, ALL, p + 64, LE);
                g = secondPairs.selectFrom(h, k);
                s = q.and(nibbles).or(g.lanewise(LSHL, 4).and(pairs)).reinterpretAsShorts();
                t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 256, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 320, LE)));
                s = q.lanewise(LSHR, 4).and(nibbles).or(g.and(pairs)).reinterpretAsShorts();
                u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 384, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 448, LE)));
                c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                        .add(IntVector.fromMemorySegment(I, ALL, at + SuperBlocks.Q6_K_CONSTANTS + 64, LE));
                b = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group23.selectFrom(scales).reinterpretAsFloats(), b);
                p += 210;
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
