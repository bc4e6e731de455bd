package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * BF16 times floats, any width: an int lane has two weights, of an odd column (upper half) and the even one before it; a BF16 number is
 * the upper half of a float. {@link FloatActivations#ROUNDED} says what {@code fast} precision does.
 *
 * <p>A template of {@link SimdWidth}: the precision is a constant.
 */
final class BF16Rows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final int LANES = F.length();
    private static final boolean ROUNDED =
            SimdWidth.constant(MethodHandles.lookup(), 0, Precision.class) == Precision.FAST;

    private static final IntVector UPPER = IntVector.broadcast(I, 0xffff0000);

    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return ROUNDED ? FloatActivations.ROUNDED : FloatActivations.EVEN_AND_ODD;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long odd = FloatActivations.odd(columns);
        int whole = columns / 32 * 32;
        long end = x + 2L * whole;
        IntVector upper = UPPER;
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (long at = x; at != end; at += 4 * LANES) {
                FloatVector even;
                FloatVector other;
                if (ROUNDED) {
                    IntVector pairs = IntVector.fromMemorySegment(I, ALL, at, LE);
                    even = pairs.lanewise(LSHL, 16).reinterpretAsFloats();
                    other = pairs.and(upper).reinterpretAsFloats();
                } else {
                    even = FloatVector.fromMemorySegment(F, ALL, at, LE);
                    other = FloatVector.fromMemorySegment(F, ALL, at + odd, LE);
                }
                IntVector h = IntVector.fromMemorySegment(I, ALL, p, LE);
                b = h.and(upper).reinterpretAsFloats().fma(other, b);
                a = h.lanewise(LSHL, 16).reinterpretAsFloats().fma(even, a);
                p += 4 * LANES;
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            if (LANES == 16) {
                a = a.add(SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            }
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            float sum = a.lane(0);
            // Not by vectors: what follows a row may be no number.
            for (int i = whole; i < columns; i++) {
                float value = ROUNDED
                        ? Float.intBitsToFloat(ALL.get(SHORT, x + 2L * i) << 16)
                        : ALL.get(FLOAT, x + i % 2 * odd + i / 2 * 4L);
                sum = Math.fma(Float.intBitsToFloat(ALL.get(SHORT, w + r * rowBytes + 2L * i) << 16), value, sum);
            }
            ALL.set(FLOAT, y + 4L * r, sum);
        }
    }
}
