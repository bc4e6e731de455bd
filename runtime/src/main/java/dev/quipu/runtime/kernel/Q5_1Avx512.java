package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * Q5_1 times 9-bit integers, 512 bits: w = d n + m = d (n - 16) + (m + 16 d). A block has 24 bytes: d and m (half precision), the
 * fifth bits of 32 columns, and 16 bytes, byte j with the lower bits of columns j (low) and j + 16 (high).
 *
 * <p>As {@link Q5_0Avx512}; m + 16 d meets the sum of a block's activations.
 */
final class Q5_1Avx512 implements RowProduct {
    /** Short k of block b's nibbles, in the first 64 bytes of four blocks or in those from byte 32 on. */
    private static final ShortVector NIBBLES = Avx512.window(16, l -> 12 * (l / 8) + 4 + l % 8);

    /** Likewise d of the lane's block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.window(16, l -> 12 * (l / 8));

    /** Likewise m. */
    private static final ShortVector MINIMUM = Avx512.window(16, l -> 12 * (l / 8) + 1);

    /** Likewise the fifth bits: in four lanes those of columns 0 to 15 of each block, in the next four of 16 to 31. */
    private static final ShortVector FIFTH = Avx512.window(16, l -> 12 * (l % 4) + 2 + l / 4 % 2);

    @Override
    public ActivationFormat format() {
        return QuadBlocks.Q5;
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
        ShortVector minimum = MINIMUM;
        FloatVector bias = FloatVector.broadcast(F, 16f);
        FloatVector lower = FloatVector.broadcast(F, Avx512.UPPER_SCALE);
        ShortVector fifth = FIFTH;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ByteVector sixteen = ByteVector.broadcast(B, (byte) 16);
        IntVector low = IntVector.broadcast(I, 0x0f0f0f0f);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a0 = FloatVector.zero(F);
            FloatVector b0 = a0;
            FloatVector a1 = FloatVector.zero(F);
            FloatVector b1 = a1;
            for (int v = 0; v < steps; v++) {
                long p = row + 96L * v;
                long at = x + v * (long) QuadBlocks.RECORD;
                ShortVector x0 = ShortVector.fromMemorySegment(S, ALL, at, LE);
                ShortVector x1 = ShortVector.fromMemorySegment(S, ALL, at + 64, LE);
                ShortVector x2 = ShortVector.fromMemorySegment(S, ALL, at + 128, LE);
                ShortVector x3 = ShortVector.fromMemorySegment(S, ALL, at + 192, LE);
                ShortVector c = ShortVector.fromMemorySegment(S, ALL, at + QuadBlocks.CONSTANT, LE);
                FloatVector d = FloatVector.fromMemorySegment(F, ALL, at + QuadBlocks.SCALES, LE);
                FloatVector sum = FloatVector.fromMemorySegment(F, ALL, at + QuadBlocks.SUMS, LE);
                ShortVector g0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                ShortVector h0 = ShortVector.fromMemorySegment(S, ALL, p + 32, LE);
                LongVector f0 = fifth.selectFrom(g0, h0).reinterpretAsLongs();
                IntVector q0 = nibbles.selectFrom(g0, h0).reinterpretAsInts();
                FloatVector d0 = scale.selectFrom(g0, h0)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                ShortVector l0 = q0.and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f0.lane(0)))
                        .reinterpretAsShorts();
                ShortVector u0 = q0.lanewise(LSHR, 4)
                        .and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f0.lane(1)))
                        .reinterpretAsShorts();
                IntVector t0 = l0.mul(x0)
                        .add(l0.lanewise(LSHR, by8).mul(x1))
                        .add(u0.mul(x2))
                        .add(u0.lanewise(LSHR, by8).mul(x3))
                        .add(c)
                        .reinterpretAsInts();
                a0 = ((FloatVector) t0.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d0.mul(d), a0);
                FloatVector m0 = minimum.selectFrom(g0, h0)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                b0 = d0.fma(bias, m0).fma(sum, b0);
                ShortVector g1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                ShortVector h1 = ShortVector.fromMemorySegment(S, ALL, p + far + 32, LE);
                LongVector f1 = fifth.selectFrom(g1, h1).reinterpretAsLongs();
                IntVector q1 = nibbles.selectFrom(g1, h1).reinterpretAsInts();
                FloatVector d1 = scale.selectFrom(g1, h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                ShortVector l1 = q1.and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f1.lane(0)))
                        .reinterpretAsShorts();
                ShortVector u1 = q1.lanewise(LSHR, 4)
                        .and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f1.lane(1)))
                        .reinterpretAsShorts();
                IntVector t1 = l1.mul(x0)
                        .add(l1.lanewise(LSHR, by8).mul(x1))
                        .add(u1.mul(x2))
                        .add(u1.lanewise(LSHR, by8).mul(x3))
                        .add(c)
                        .reinterpretAsInts();
                a1 = ((FloatVector) t1.mul(both).and(upper).convertShape(I2F, F, 0)).fma(d1.mul(d), a1);
                FloatVector m1 = minimum.selectFrom(g1, h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                b1 = d1.fma(bias, m1).fma(sum, b1);
            }
            a0 = a0.fma(lower, b0);
            a1 = a1.fma(lower, b1);
            // A fixed order of addition, whoever compiled it: reduceLanes has none. Row 0 ends in lane 0, row 1 in 8.
            a0 = a0.blend(a1, Avx512.UPPER)
                    .add(Avx512.SWAP_8
                            .selectFrom(a1.blend(a0, Avx512.UPPER).reinterpretAsInts())
                            .reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_4.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_2.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_1.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a0.lane(0));
            ALL.set(FLOAT, y + 4L * r + yFar, a0.lane(8));
        }
    }
}
