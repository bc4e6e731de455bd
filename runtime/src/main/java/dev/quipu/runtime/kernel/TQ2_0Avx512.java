package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static dev.quipu.runtime.kernel.Avx512.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * TQ2_0 times 10-bit integers, 512 bits: w = d (n - 1). {@link TQ2_0Rows} has the layout.
 *
 * <p>A short is eight bit pairs. They meet their activations without masks, as in {@link NibbleAvx512}: n0 x0 + n1 x1 + ... =
 * q x0 + (q >>> 2)(x1 - 4 x0) + ..., in 16-bit arithmetic that wraps.
 */
final class TQ2_0Avx512 implements RowProduct {
    /** Constants of the class: as a call's own they were boxed at each, when C2 had become cautious. */
    private static final ShortVector BY_2 = ShortVector.broadcast(S, (short) 2);

    private static final ShortVector BY_4 = ShortVector.broadcast(S, (short) 4);
    private static final ShortVector BY_6 = ShortVector.broadcast(S, (short) 6);
    private static final ShortVector BY_8 = ShortVector.broadcast(S, (short) 8);
    private static final ShortVector BY_10 = ShortVector.broadcast(S, (short) 10);
    private static final ShortVector BY_12 = ShortVector.broadcast(S, (short) 12);
    private static final ShortVector BY_14 = ShortVector.broadcast(S, (short) 14);

    private static final IntVector BOTH = IntVector.broadcast(I, Avx512.BOTH_HALVES);
    private static final IntVector UPPER = IntVector.broadcast(I, Avx512.UPPER_HALF);

    @Override
    public ActivationFormat format() {
        return TernaryBlocks.TQ2_0;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 256;
        long record = TernaryBlocks.TQ2_0.record();
        ShortVector by2 = BY_2;
        ShortVector by4 = BY_4;
        ShortVector by6 = BY_6;
        ShortVector by8 = BY_8;
        ShortVector by10 = BY_10;
        ShortVector by12 = BY_12;
        ShortVector by14 = BY_14;
        IntVector both = BOTH;
        IntVector upper = UPPER;
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (int v = 0; v < blocks; v++) {
                long at = v * record;
                long p = row + 66L * v;
                ShortVector q = ShortVector.fromMemorySegment(S, ALL, p, LE);
                ShortVector s = q.mul(ShortVector.fromMemorySegment(S, ALL, x + at, LE))
                        .add(ShortVector.fromMemorySegment(S, ALL, x + at + 512, LE));
                s = s.add(q.lanewise(LSHR, by2).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 64, LE)));
                s = s.add(q.lanewise(LSHR, by4).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 128, LE)));
                s = s.add(q.lanewise(LSHR, by6).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 192, LE)));
                s = s.add(q.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 256, LE)));
                s = s.add(q.lanewise(LSHR, by10).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 320, LE)));
                s = s.add(q.lanewise(LSHR, by12).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 384, LE)));
                s = s.add(q.lanewise(LSHR, by14).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 448, LE)));
                IntVector t = s.reinterpretAsInts();
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(
                                FloatVector.broadcast(
                                        F, Float.float16ToFloat(ALL.get(SHORT, p + 64)) * ALL.get(FLOAT, x + at + 576)),
                                a);
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
