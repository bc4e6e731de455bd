package dev.quipu.runtime.matmul;

import static jdk.incubator.vector.VectorOperators.I2F;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products in 16 bits at any vector width. An int lane is a token and holds two shorts: a pair of columns. A pair of weights
 * is broadcast; each short of the accumulator sums the products of every other column of a group. Both together still fit 16
 * bits (see {@link dev.quipu.runtime.kernel.QuantUnpacker#limit}), so that one multiplication adds them, above {@link
 * #UPPER_HALF}, at the end of the group.
 *
 * <p>Every operation is called on a vector whose class C2 knows, not on one that a loop carries; so it depends on nobody
 * else's profile, and the last step of a group stands outside its loop. Constants are broadcast before the loop: with a
 * scalar, C2 runs out of attempts to inline. And all is in one method: C2 inlines methods of ours no further once a method
 * has 18,000 nodes, and this one has more.
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

    /** An int of two shorts times this has their sum in its upper half. */
    private static final int BOTH_HALVES = 0x00010001;

    private static final int UPPER_HALF = 0xffff0000;

    /** What {@link #UPPER_HALF} leaves to multiply by. */
    private static final float UPPER_SCALE = 0x1p-16f;

    @Override
    public int rowStep() {
        return 20;
    }

    @Override
    public void accumulate(
            int[] pairs,
            float[] scales,
            int rows,
            int groups,
            int group,
            QuantizedPanels x,
            int panel,
            int column,
            float[] sums,
            int sumsOffset) {
        int from = x.pair(panel, column);
        int xScale = x.scale(panel, column);
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
                        from + 2 * lane,
                        x.scales,
                        xScale + lane,
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
        IntVector both = IntVector.broadcast(I, BOTH_HALVES);
        IntVector upper = IntVector.broadcast(I, UPPER_HALF);
        FloatVector s0a = FloatVector.zero(F);
        FloatVector s0b = FloatVector.zero(F);
        FloatVector s1a = FloatVector.zero(F);
        FloatVector s1b = FloatVector.zero(F);
        FloatVector s2a = FloatVector.zero(F);
        FloatVector s2b = FloatVector.zero(F);
        FloatVector s3a = FloatVector.zero(F);
        FloatVector s3b = FloatVector.zero(F);
        FloatVector s4a = FloatVector.zero(F);
        FloatVector s4b = FloatVector.zero(F);
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
            ShortVector w0 = IntVector.broadcast(I, pairs[p + last]).reinterpretAsShorts();
            int d = xScale + (g >> shift) * PANEL;
            FloatVector da = FloatVector.fromArray(F, xScales, d);
            FloatVector db = FloatVector.fromArray(F, xScales, d + LANES);
            FloatVector d0 = FloatVector.broadcast(F, scales[scale + g]);
            IntVector i0a = a.mul(w0).add(q0a).reinterpretAsInts();
            s0a = ((FloatVector) i0a.mul(both).and(upper).convertShape(I2F, F, 0)).fma(da.mul(d0), s0a);
            IntVector i0b = b.mul(w0).add(q0b).reinterpretAsInts();
            s0b = ((FloatVector) i0b.mul(both).and(upper).convertShape(I2F, F, 0)).fma(db.mul(d0), s0b);
            ShortVector w1 = IntVector.broadcast(I, pairs[p + last + STRIDE]).reinterpretAsShorts();
            FloatVector d1 = FloatVector.broadcast(F, scales[scale + g + SCALES_STRIDE]);
            IntVector i1a = a.mul(w1).add(q1a).reinterpretAsInts();
            s1a = ((FloatVector) i1a.mul(both).and(upper).convertShape(I2F, F, 0)).fma(da.mul(d1), s1a);
            IntVector i1b = b.mul(w1).add(q1b).reinterpretAsInts();
            s1b = ((FloatVector) i1b.mul(both).and(upper).convertShape(I2F, F, 0)).fma(db.mul(d1), s1b);
            ShortVector w2 =
                    IntVector.broadcast(I, pairs[p + last + 2 * STRIDE]).reinterpretAsShorts();
            FloatVector d2 = FloatVector.broadcast(F, scales[scale + g + 2 * SCALES_STRIDE]);
            IntVector i2a = a.mul(w2).add(q2a).reinterpretAsInts();
            s2a = ((FloatVector) i2a.mul(both).and(upper).convertShape(I2F, F, 0)).fma(da.mul(d2), s2a);
            IntVector i2b = b.mul(w2).add(q2b).reinterpretAsInts();
            s2b = ((FloatVector) i2b.mul(both).and(upper).convertShape(I2F, F, 0)).fma(db.mul(d2), s2b);
            ShortVector w3 =
                    IntVector.broadcast(I, pairs[p + last + 3 * STRIDE]).reinterpretAsShorts();
            FloatVector d3 = FloatVector.broadcast(F, scales[scale + g + 3 * SCALES_STRIDE]);
            IntVector i3a = a.mul(w3).add(q3a).reinterpretAsInts();
            s3a = ((FloatVector) i3a.mul(both).and(upper).convertShape(I2F, F, 0)).fma(da.mul(d3), s3a);
            IntVector i3b = b.mul(w3).add(q3b).reinterpretAsInts();
            s3b = ((FloatVector) i3b.mul(both).and(upper).convertShape(I2F, F, 0)).fma(db.mul(d3), s3b);
            ShortVector w4 =
                    IntVector.broadcast(I, pairs[p + last + 4 * STRIDE]).reinterpretAsShorts();
            FloatVector d4 = FloatVector.broadcast(F, scales[scale + g + 4 * SCALES_STRIDE]);
            IntVector i4a = a.mul(w4).add(q4a).reinterpretAsInts();
            s4a = ((FloatVector) i4a.mul(both).and(upper).convertShape(I2F, F, 0)).fma(da.mul(d4), s4a);
            IntVector i4b = b.mul(w4).add(q4b).reinterpretAsInts();
            s4b = ((FloatVector) i4b.mul(both).and(upper).convertShape(I2F, F, 0)).fma(db.mul(d4), s4b);
        }
        FloatVector rest = FloatVector.broadcast(F, UPPER_SCALE);
        rest.fma(s0a, FloatVector.fromArray(F, sums, at)).intoArray(sums, at);
        rest.fma(s0b, FloatVector.fromArray(F, sums, at + LANES)).intoArray(sums, at + LANES);
        rest.fma(s1a, FloatVector.fromArray(F, sums, at + PANEL)).intoArray(sums, at + PANEL);
        rest.fma(s1b, FloatVector.fromArray(F, sums, at + PANEL + LANES)).intoArray(sums, at + PANEL + LANES);
        rest.fma(s2a, FloatVector.fromArray(F, sums, at + 2 * PANEL)).intoArray(sums, at + 2 * PANEL);
        rest.fma(s2b, FloatVector.fromArray(F, sums, at + 2 * PANEL + LANES)).intoArray(sums, at + 2 * PANEL + LANES);
        rest.fma(s3a, FloatVector.fromArray(F, sums, at + 3 * PANEL)).intoArray(sums, at + 3 * PANEL);
        rest.fma(s3b, FloatVector.fromArray(F, sums, at + 3 * PANEL + LANES)).intoArray(sums, at + 3 * PANEL + LANES);
        rest.fma(s4a, FloatVector.fromArray(F, sums, at + 4 * PANEL)).intoArray(sums, at + 4 * PANEL);
        rest.fma(s4b, FloatVector.fromArray(F, sums, at + 4 * PANEL + LANES)).intoArray(sums, at + 4 * PANEL + LANES);
    }
}
