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
 * Q4_0 times 9-bit integers, 512 bits: w = d (n - 8). A block has 18 bytes: d (half precision), 16 of a nibble each for column j
 * (low) and j + 16 (high).
 *
 * <p>The nibbles of four blocks fill a vector. A short q = n0 + 16 n1 + 256 n2 + 4096 n3 meets its four activations without
 * masks, since 16-bit arithmetic wraps and only the end must fit:
 *
 * <pre>n0 x0 + n1 x1 + n2 x2 + n3 x3 = q x0 + (q >>> 4)(x1 - 16 x0) + (q >>> 8)(x2 - 16 x1) + (q >>> 12)(x3 - 16 x2)</pre>
 */
final class Q4_0Avx512 implements RowProduct {
    /** Short k of block b's nibbles, in the first 64 bytes of four blocks or in those from byte 8 on. */
    private static final ShortVector NIBBLES = Avx512.window(4, l -> 9 * (l / 8) + 1 + l % 8);

    /** d of the lane's block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.shorts(l -> 9 * (l / 8));

    @Override
    public ActivationFormat format() {
        return QuadBlocks.Q4_0;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int steps = QuadBlocks.records(columns);
        ShortVector nibbles = NIBBLES;
        ShortVector scale = SCALE;
        ShortVector by4 = ShortVector.broadcast(S, (short) 4);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector by12 = ShortVector.broadcast(S, (short) 12);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a0 = FloatVector.zero(F);
            FloatVector a1 = FloatVector.zero(F);
            ShortVector h0 = ShortVector.fromMemorySegment(S, ALL, row, LE);
            ShortVector k0 = ShortVector.fromMemorySegment(S, ALL, row + 8, LE);
            ShortVector h1 = ShortVector.fromMemorySegment(S, ALL, row + far, LE);
            ShortVector k1 = ShortVector.fromMemorySegment(S, ALL, row + far + 8, LE);
            for (int v = 0; v < steps; v++) {
                long at = x + v * (long) QuadBlocks.RECORD;
                ShortVector x0 = ShortVector.fromMemorySegment(S, ALL, at, LE);
                ShortVector x1 = ShortVector.fromMemorySegment(S, ALL, at + 64, LE);
                ShortVector x2 = ShortVector.fromMemorySegment(S, ALL, at + 128, LE);
                ShortVector x3 = ShortVector.fromMemorySegment(S, ALL, at + 192, LE);
                ShortVector c = ShortVector.fromMemorySegment(S, ALL, at + QuadBlocks.CONSTANT, LE);
                FloatVector d = FloatVector.fromMemorySegment(F, ALL, at + QuadBlocks.SCALES, LE);
                ShortVector q0 = nibbles.selectFrom(h0, k0);
                ShortVector q1 = nibbles.selectFrom(h1, k1);
                FloatVector d0 = scale.selectFrom(h0)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                IntVector t0 = q0.mul(x0)
                        .add(c)
                        .add(q0.lanewise(LSHR, by4).mul(x1))
                        .add(q0.lanewise(LSHR, by8)
                                .mul(x2)
                                .add(q0.lanewise(LSHR, by12).mul(x3)))
                        .reinterpretAsInts();
                a0 = ((FloatVector) t0.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d0.mul(d), a0);
                FloatVector d1 = scale.selectFrom(h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                IntVector t1 = q1.mul(x0)
                        .add(c)
                        .add(q1.lanewise(LSHR, by4).mul(x1))
                        .add(q1.lanewise(LSHR, by8)
                                .mul(x2)
                                .add(q1.lanewise(LSHR, by12).mul(x3)))
                        .reinterpretAsInts();
                a1 = ((FloatVector) t1.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d1.mul(d), a1);
                // The next weights already: all else waits for them longer than the processor looks ahead.
                long p = row + 72L * (v + 1);
                h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                k0 = ShortVector.fromMemorySegment(S, ALL, p + 8, LE);
                h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                k1 = ShortVector.fromMemorySegment(S, ALL, p + far + 8, LE);
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none. Row 0 ends in lane 0, row 1 in 8.
            a0 = a0.blend(a1, Avx512.UPPER)
                    .add(Avx512.SWAP_8
                            .selectFrom(a1.blend(a0, Avx512.UPPER).reinterpretAsInts())
                            .reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_4.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_2.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_1.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a0.lane(0) * Avx512.UPPER_SCALE);
            ALL.set(FLOAT, y + 4L * r + yFar, a0.lane(8) * Avx512.UPPER_SCALE);
        }
    }
}
