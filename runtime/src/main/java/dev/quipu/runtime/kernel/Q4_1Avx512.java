package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q4_1 times 9-bit integers, 512 bits: w = d n + m. A block is 10 shorts: d, m and eight of four nibbles.
 *
 * <p>One load takes three blocks, whose nibbles meet their activations as {@link Q4_0Avx512} says. The activations ({@link
 * TripleBlocks}) are zero where a short is d or m; an int lane of those gets the sum of the block's activations, and m as its
 * scale where that of the others is d. Two neighbours sum to at most 8 * 15 * 255 = 30,600.
 */
final class Q4_1Avx512 implements RowProduct {
    /** Of each int lane its block's d, or m; in both shorts, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.shorts(l -> {
        int block = Math.min(2, l / TripleBlocks.SHORTS);
        return block * TripleBlocks.SHORTS + (l % TripleBlocks.SHORTS < 2 ? 1 : 0);
    });

    @Override
    public ActivationFormat format() {
        return TripleBlocks.Q4_1;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int steps = TripleBlocks.records(columns);
        ShortVector by4 = ShortVector.broadcast(S, (short) 4);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector by12 = ShortVector.broadcast(S, (short) 12);
        ShortVector scale = SCALE;
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        // Four rows share each load of activations: two that lie far apart, and one half of the run below either.
        int half = (count + 1) / 2;
        long near = (count - half) * rowBytes;
        long yNear = 4L * (count - half);
        for (int r = 0; r < half; r++) {
            long row = w + r * rowBytes;
            FloatVector a0 = FloatVector.zero(F);
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            for (int v = 0; v < steps; v++) {
                long p = row + 60L * v;
                long at = v * (long) TripleBlocks.RECORD;
                ShortVector q0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                ShortVector q1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                ShortVector q2 = ShortVector.fromMemorySegment(S, ALL, p + near, LE);
                ShortVector q3 = ShortVector.fromMemorySegment(S, ALL, p + near + far, LE);
                ShortVector c = ShortVector.fromMemorySegment(S, ALL, x + at, LE);
                ShortVector s0 = q0.mul(c);
                ShortVector s1 = q1.mul(c);
                ShortVector s2 = q2.mul(c);
                ShortVector s3 = q3.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 64, LE);
                s0 = s0.add(q0.lanewise(LSHR, by4).mul(c));
                s1 = s1.add(q1.lanewise(LSHR, by4).mul(c));
                s2 = s2.add(q2.lanewise(LSHR, by4).mul(c));
                s3 = s3.add(q3.lanewise(LSHR, by4).mul(c));
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 128, LE);
                s0 = s0.add(q0.lanewise(LSHR, by8).mul(c));
                s1 = s1.add(q1.lanewise(LSHR, by8).mul(c));
                s2 = s2.add(q2.lanewise(LSHR, by8).mul(c));
                s3 = s3.add(q3.lanewise(LSHR, by8).mul(c));
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 192, LE);
                s0 = s0.add(q0.lanewise(LSHR, by12).mul(c));
                s1 = s1.add(q1.lanewise(LSHR, by12).mul(c));
                s2 = s2.add(q2.lanewise(LSHR, by12).mul(c));
                s3 = s3.add(q3.lanewise(LSHR, by12).mul(c));
                c = ShortVector.fromMemorySegment(S, ALL, x + at + 256, LE);
                FloatVector d = FloatVector.fromMemorySegment(F, ALL, x + at + 320, LE);
                IntVector t0 = s0.add(c).reinterpretAsInts();
                FloatVector d0 = scale.selectFrom(q0)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(d);
                a0 = ((FloatVector) t0.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d0, a0);
                IntVector t1 = s1.add(c).reinterpretAsInts();
                FloatVector d1 = scale.selectFrom(q1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(d);
                a1 = ((FloatVector) t1.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d1, a1);
                IntVector t2 = s2.add(c).reinterpretAsInts();
                FloatVector d2 = scale.selectFrom(q2)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(d);
                a2 = ((FloatVector) t2.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d2, a2);
                IntVector t3 = s3.add(c).reinterpretAsInts();
                FloatVector d3 = scale.selectFrom(q3)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(d);
                a3 = ((FloatVector) t3.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d3, a3);
            }
            for (int pair = 0; pair < 2; pair++) {
                long at = y + 4L * r + pair * yNear;
                // A fixed order of addition, whoever compiled it: reduceLanes has none. Row 0 ends in lane 0, row 1 in
                // 8.
                a0 = a0.add(Avx512.SWAP_8.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats())
                        .blend(
                                a1.add(Avx512.SWAP_8
                                        .selectFrom(a1.reinterpretAsInts())
                                        .reinterpretAsFloats()),
                                Avx512.UPPER);
                a0 = a0.add(Avx512.SWAP_4.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
                a0 = a0.add(Avx512.SWAP_2.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
                a0 = a0.add(Avx512.SWAP_1.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
                ALL.set(FLOAT, at, a0.lane(0) * Avx512.UPPER_SCALE);
                ALL.set(FLOAT, at + yFar, a0.lane(8) * Avx512.UPPER_SCALE);
                a0 = a2;
                a1 = a3;
            }
        }
    }
}
