package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q4_1 times 8-bit integers, 512 bits: w = d n + m. A block has 20 bytes: d and m (half precision), 16 of a nibble each for column
 * j (low) and j + 16 (high).
 *
 * <p>As {@link Q4_0Avx512}; m meets the sum of the lane's activations.
 */
final class Q4_1Avx512 implements RowProduct {
    /** Short k of block b's nibbles, in the first 64 bytes of four blocks or in those from byte 16 on. */
    private static final ShortVector NIBBLES = Avx512.window(8, l -> 10 * (l / 8) + 2 + l % 8);

    /** d of the lane's row and block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.shorts(l -> 10 * (l / 8) + (l % 4 < 2 ? 32 : 0));

    /** Likewise m. */
    private static final ShortVector MINIMUM = SCALE.add((short) 1);

    @Override
    public ActivationFormat format() {
        return QuadBlocks.Q4_1;
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
        ShortVector by4 = ShortVector.broadcast(S, (short) 4);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector by12 = ShortVector.broadcast(S, (short) 12);
        LongVector first = LongVector.broadcast(L, Avx512.UPPER_INT);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            ShortVector h0 = ShortVector.fromMemorySegment(S, ALL, row, LE);
            ShortVector k0 = ShortVector.fromMemorySegment(S, ALL, row + 16, LE);
            ShortVector h1 = ShortVector.fromMemorySegment(S, ALL, row + far, LE);
            ShortVector k1 = ShortVector.fromMemorySegment(S, ALL, row + far + 16, LE);
            for (int v = 0; v < steps; v++) {
                long at = x + v * (long) QuadBlocks.RECORD;
                LongVector x0 = LongVector.fromMemorySegment(L, ALL, at, LE);
                LongVector x1 = LongVector.fromMemorySegment(L, ALL, at + 64, LE);
                LongVector x2 = LongVector.fromMemorySegment(L, ALL, at + 128, LE);
                LongVector x3 = LongVector.fromMemorySegment(L, ALL, at + 192, LE);
                ShortVector q = nibbles.selectFrom(h0, k0);
                LongVector t = q.reinterpretAsLongs()
                        .mul(x0)
                        .add(q.lanewise(LSHR, by4).reinterpretAsLongs().mul(x1))
                        .add(q.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(x2)
                                .add(q.lanewise(LSHR, by12).reinterpretAsLongs().mul(x3)));
                q = nibbles.selectFrom(h1, k1);
                LongVector u = q.reinterpretAsLongs()
                        .mul(x0)
                        .add(q.lanewise(LSHR, by4).reinterpretAsLongs().mul(x1))
                        .add(q.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(x2)
                                .add(q.lanewise(LSHR, by12).reinterpretAsLongs().mul(x3)));
                FloatVector d = scale.selectFrom(h0, h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(F, ALL, at + QuadBlocks.SCALES, LE));
                b = minimum.selectFrom(h0, h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(F, ALL, at + QuadBlocks.SUMS, LE), b);
                IntVector c = t.and(first).or(u.lanewise(LSHR, 32)).reinterpretAsInts();
                a = ((FloatVector) c.convertShape(I2F, F, 0)).fma(d, a);
                // The next weights already: all else waits for them longer than the processor looks ahead.
                long p = row + 80L * (v + 1);
                h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                k0 = ShortVector.fromMemorySegment(S, ALL, p + 16, LE);
                h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                k1 = ShortVector.fromMemorySegment(S, ALL, p + far + 16, LE);
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(1));
            ALL.set(FLOAT, y + 4L * r + yFar, a.lane(0));
        }
    }
}
