package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * F16 times floats, any width: an int lane has two weights, of an odd column (upper half) and the even one before it. {@link
 * FloatActivations#ROUNDED} says what {@code fast} precision does.
 *
 * <p>A half's exponent and fraction, moved to where those of a float are, with 96 more of the exponent, are the float v =
 * 2^-16 |w|; or, where w is subnormal, half of v = 2^-31 + 2^-17 |w|, and 2 v - 2^-30 is right. That is the larger of the two for all
 * other weights, and so w is the smaller one. No float is subnormal, which multiplications are slow with.
 *
 * <p>A template of {@link SimdWidth}: the precision is a constant.
 */
final class F16Rows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final int LANES = F.length();
    private static final boolean ROUNDED =
            SimdWidth.constant(MethodHandles.lookup(), 0, Precision.class) == Precision.FAST;

    /** Of a half in the upper 16 bits, three to the right. */
    private static final IntVector MAGNITUDE = IntVector.broadcast(I, 0x0fffe000);

    private static final IntVector EXPONENT = IntVector.broadcast(I, 96 << 23);
    private static final IntVector UPPER = IntVector.broadcast(I, 0xffff0000);
    private static final IntVector SIGN = IntVector.broadcast(I, Integer.MIN_VALUE);
    private static final FloatVector TWO = FloatVector.broadcast(F, 2);
    private static final FloatVector LEAST = FloatVector.broadcast(F, -0x1p-30f);

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
        long end = x + odd;
        IntVector magnitude = MAGNITUDE;
        IntVector exponent = EXPONENT;
        IntVector sign = SIGN;
        IntVector upper = UPPER;
        FloatVector two = TWO;
        FloatVector least = LEAST;
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
                IntVector v = h.lanewise(LSHR, 3).and(magnitude).or(exponent);
                b = v.min(v.reinterpretAsFloats().fma(two, least).reinterpretAsInts())
                        .lanewise(XOR, h.and(sign))
                        .reinterpretAsFloats()
                        .fma(other, b);
                h = h.lanewise(LSHL, 16);
                v = h.lanewise(LSHR, 3).and(magnitude).or(exponent);
                a = v.min(v.reinterpretAsFloats().fma(two, least).reinterpretAsInts())
                        .lanewise(XOR, h.and(sign))
                        .reinterpretAsFloats()
                        .fma(even, a);
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
            ALL.set(FLOAT, y + 4L * r, a.lane(0) * 0x1p16f);
        }
    }
}
