package dev.quipu.runtime.matmul;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products in 16 bits at any vector width. An int lane is a token and holds two shorts: a pair of columns. A pair of weights
 * is broadcast; each short of the accumulator sums the products of every other column of a group, which fit (see {@link
 * dev.quipu.runtime.kernel.QuantUnpacker#limit}). At the end of a group the two shorts become one float.
 *
 * <p>Every operation is called on a vector whose class C2 knows, not on one that a loop carries; so it depends on nobody
 * else's profile, and the last step of a group stands outside its loop.
 *
 * <p>Constants are broadcast before the loop: operations with a scalar operand make C2 inline more (see {@code kernel.Avx512}).
 *
 * <p>All is in one method: C2 inlines methods of ours no further once a method has 18,000 nodes, and this one has more.
 *
 * <p>32 products take one multiplication and one addition, where floats take two multiply-adds; hardware that computes
 * eight of those for each of these gains nothing. A template of {@link SimdWidth}.
 */
final class VectorQuantKernel implements QuantKernel {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final VectorSpecies<Integer> I =
            SimdWidth.of(MethodHandles.lookup()).ints();
    private static final VectorSpecies<Short> S =
            SimdWidth.of(MethodHandles.lookup()).shorts();
    private static final int LANES = F.length();
    private static final int PANEL = Tile.PANEL;
    private static final int STRIDE = PAIRS_STRIDE;

    /**
     * XORed to a low short, it adds 2^15, so that there is no sign, and makes it the lowest bits of a float whose last is
     * worth 1. The high short can be added to that as an integer.
     */
    private static final int FLIP = Float.floatToRawIntBits(0x1.8p23f) | 0x8000;

    /** What that float is too large by. */
    private static final float ONES = 0x1.8p23f + 0x8000;

    @Override
    public void accumulate(
            int[] pairs,
            float[] scales,
            int rows,
            int groups,
            int group,
            QuantizedPanels x,
            int block,
            float[] sums,
            int sumsOffset) {
        int xPairs = QuantizedPanels.FIRST_PAIR + block * QuantizedPanels.BLOCK_PAIRS;
        for (int lane = 0; lane < PANEL; lane += 2 * LANES) {
            for (int row = 0; row < rows; row += 5) {
                rows5(
                        pairs,
                        row * STRIDE,
                        scales,
                        row * SCALES_STRIDE,
                        groups,
                        group / 2,
                        x.pairs,
                        xPairs + 2 * lane,
                        x.scales,
                        block * PANEL + lane,
                        sums,
                        sumsOffset + row * PANEL + lane);
            }
        }
    }

    /** Five rows and two vectors of tokens; {@code steps} pairs a group. */
    private static void rows5(
            int[] pairs,
            int p0,
            float[] scales,
            int scale,
            int groups,
            int steps,
            short[] x,
            int x0,
            float[] xScales,
            int xScale,
            float[] sums,
            int at) {
        FloatVector s0a = FloatVector.fromArray(F, sums, at);
        FloatVector s0b = FloatVector.fromArray(F, sums, at + LANES);
        FloatVector s1a = FloatVector.fromArray(F, sums, at + PANEL);
        FloatVector s1b = FloatVector.fromArray(F, sums, at + PANEL + LANES);
        FloatVector s2a = FloatVector.fromArray(F, sums, at + 2 * PANEL);
        FloatVector s2b = FloatVector.fromArray(F, sums, at + 2 * PANEL + LANES);
        FloatVector s3a = FloatVector.fromArray(F, sums, at + 3 * PANEL);
        FloatVector s3b = FloatVector.fromArray(F, sums, at + 3 * PANEL + LANES);
        FloatVector s4a = FloatVector.fromArray(F, sums, at + 4 * PANEL);
        FloatVector s4b = FloatVector.fromArray(F, sums, at + 4 * PANEL + LANES);
        IntVector low = IntVector.broadcast(I, 0xffff);
        IntVector flip = IntVector.broadcast(I, FLIP);
        FloatVector ones = FloatVector.broadcast(F, ONES);
        int shift = steps == 16 ? 0 : 1;
        for (int g = 0; g < groups; g++) {
            ShortVector q0a = ShortVector.zero(S);
            ShortVector q0b = ShortVector.zero(S);
            ShortVector q1a = ShortVector.zero(S);
            ShortVector q1b = ShortVector.zero(S);
            ShortVector q2a = ShortVector.zero(S);
            ShortVector q2b = ShortVector.zero(S);
            ShortVector q3a = ShortVector.zero(S);
            ShortVector q3b = ShortVector.zero(S);
            ShortVector q4a = ShortVector.zero(S);
            ShortVector q4b = ShortVector.zero(S);
            int p = p0 + g * steps;
            int q = x0 + g * steps * 2 * PANEL;
            int last = steps - 1;
            for (int k = 0; k < last; k++) {
                ShortVector a = ShortVector.fromArray(S, x, q + k * 2 * PANEL);
                ShortVector b = ShortVector.fromArray(S, x, q + k * 2 * PANEL + 2 * LANES);
                ShortVector w0 = IntVector.broadcast(I, pairs[p + k]).reinterpretAsShorts();
                q0a = a.mul(w0).add(q0a);
                q0b = b.mul(w0).add(q0b);
                ShortVector w1 = IntVector.broadcast(I, pairs[p + k + STRIDE]).reinterpretAsShorts();
                q1a = a.mul(w1).add(q1a);
                q1b = b.mul(w1).add(q1b);
                ShortVector w2 =
                        IntVector.broadcast(I, pairs[p + k + 2 * STRIDE]).reinterpretAsShorts();
                q2a = a.mul(w2).add(q2a);
                q2b = b.mul(w2).add(q2b);
                ShortVector w3 =
                        IntVector.broadcast(I, pairs[p + k + 3 * STRIDE]).reinterpretAsShorts();
                q3a = a.mul(w3).add(q3a);
                q3b = b.mul(w3).add(q3b);
                ShortVector w4 =
                        IntVector.broadcast(I, pairs[p + k + 4 * STRIDE]).reinterpretAsShorts();
                q4a = a.mul(w4).add(q4a);
                q4b = b.mul(w4).add(q4b);
            }
            ShortVector a = ShortVector.fromArray(S, x, q + last * 2 * PANEL);
            ShortVector b = ShortVector.fromArray(S, x, q + last * 2 * PANEL + 2 * LANES);
            int d = xScale + (g >> shift) * PANEL;
            FloatVector da = FloatVector.fromArray(F, xScales, d);
            FloatVector db = FloatVector.fromArray(F, xScales, d + LANES);
            ShortVector w0 = IntVector.broadcast(I, pairs[p + last]).reinterpretAsShorts();
            FloatVector d0 = FloatVector.broadcast(F, scales[scale + g]);
            IntVector i0a = a.mul(w0).add(q0a).reinterpretAsInts();
            s0a = i0a.lanewise(ASHR, 16)
                    .add(i0a.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(da.mul(d0), s0a);
            IntVector i0b = b.mul(w0).add(q0b).reinterpretAsInts();
            s0b = i0b.lanewise(ASHR, 16)
                    .add(i0b.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(db.mul(d0), s0b);
            ShortVector w1 = IntVector.broadcast(I, pairs[p + last + STRIDE]).reinterpretAsShorts();
            FloatVector d1 = FloatVector.broadcast(F, scales[scale + g + SCALES_STRIDE]);
            IntVector i1a = a.mul(w1).add(q1a).reinterpretAsInts();
            s1a = i1a.lanewise(ASHR, 16)
                    .add(i1a.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(da.mul(d1), s1a);
            IntVector i1b = b.mul(w1).add(q1b).reinterpretAsInts();
            s1b = i1b.lanewise(ASHR, 16)
                    .add(i1b.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(db.mul(d1), s1b);
            ShortVector w2 =
                    IntVector.broadcast(I, pairs[p + last + 2 * STRIDE]).reinterpretAsShorts();
            FloatVector d2 = FloatVector.broadcast(F, scales[scale + g + 2 * SCALES_STRIDE]);
            IntVector i2a = a.mul(w2).add(q2a).reinterpretAsInts();
            s2a = i2a.lanewise(ASHR, 16)
                    .add(i2a.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(da.mul(d2), s2a);
            IntVector i2b = b.mul(w2).add(q2b).reinterpretAsInts();
            s2b = i2b.lanewise(ASHR, 16)
                    .add(i2b.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(db.mul(d2), s2b);
            ShortVector w3 =
                    IntVector.broadcast(I, pairs[p + last + 3 * STRIDE]).reinterpretAsShorts();
            FloatVector d3 = FloatVector.broadcast(F, scales[scale + g + 3 * SCALES_STRIDE]);
            IntVector i3a = a.mul(w3).add(q3a).reinterpretAsInts();
            s3a = i3a.lanewise(ASHR, 16)
                    .add(i3a.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(da.mul(d3), s3a);
            IntVector i3b = b.mul(w3).add(q3b).reinterpretAsInts();
            s3b = i3b.lanewise(ASHR, 16)
                    .add(i3b.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(db.mul(d3), s3b);
            ShortVector w4 =
                    IntVector.broadcast(I, pairs[p + last + 4 * STRIDE]).reinterpretAsShorts();
            FloatVector d4 = FloatVector.broadcast(F, scales[scale + g + 4 * SCALES_STRIDE]);
            IntVector i4a = a.mul(w4).add(q4a).reinterpretAsInts();
            s4a = i4a.lanewise(ASHR, 16)
                    .add(i4a.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(da.mul(d4), s4a);
            IntVector i4b = b.mul(w4).add(q4b).reinterpretAsInts();
            s4b = i4b.lanewise(ASHR, 16)
                    .add(i4b.and(low).lanewise(XOR, flip))
                    .reinterpretAsFloats()
                    .sub(ones)
                    .fma(db.mul(d4), s4b);
        }
        s0a.intoArray(sums, at);
        s0b.intoArray(sums, at + LANES);
        s1a.intoArray(sums, at + PANEL);
        s1b.intoArray(sums, at + PANEL + LANES);
        s2a.intoArray(sums, at + 2 * PANEL);
        s2b.intoArray(sums, at + 2 * PANEL + LANES);
        s3a.intoArray(sums, at + 3 * PANEL);
        s3b.intoArray(sums, at + 3 * PANEL + LANES);
        s4a.intoArray(sums, at + 4 * PANEL);
        s4b.intoArray(sums, at + 4 * PANEL + LANES);
    }
}
