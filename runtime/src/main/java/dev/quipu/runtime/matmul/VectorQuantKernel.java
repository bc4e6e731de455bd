package dev.quipu.runtime.matmul;

import static jdk.incubator.vector.VectorOperators.I2F;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products in 16 bits at any vector width. An int lane is a token, and a pair of columns in it is a polynomial in 2^16: weights
 * w0 + 2^16 w1, activations 2^16 x0 + x1. The upper half of their product is w0 x0 + w1 x1; what would be above is cut off, and
 * what is below, w0 x1, counts 2^-16. The sum of a group's products fits these 16 bits (see {@link
 * dev.quipu.runtime.kernel.QuantUnpacker#activationSum}), and is converted to a float as it is.
 *
 * <p>Every operation is called on a vector whose class C2 knows, not on one that a loop carries; so it depends on nobody
 * else's profile, and the last step of a group stands outside its loop. Scales are broadcast as integers, which takes no
 * adder's turn. And all is in one method: C2 inlines methods of ours no further once a method has 18,000 nodes, and this
 * one has more.
 *
 * <p>32 products take one multiplication and one addition, where floats take two multiply-adds. A template of {@link SimdWidth}.
 */
final class VectorQuantKernel implements QuantKernel {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final VectorSpecies<Integer> I =
            SimdWidth.of(MethodHandles.lookup()).ints();
    private static final int LANES = F.length();
    private static final int PANEL = Tile.PANEL;
    private static final int STRIDE = PAIRS_STRIDE;

    private static final float UPPER_HALF = 0x1p-16f;

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
                        from + lane,
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
            int[] x,
            int x0,
            float[] xScales,
            int xScale,
            float[] sums,
            int at) {
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
            IntVector q0a = IntVector.zero(I);
            IntVector q0b = IntVector.zero(I);
            IntVector q1a = IntVector.zero(I);
            IntVector q1b = IntVector.zero(I);
            IntVector q2a = IntVector.zero(I);
            IntVector q2b = IntVector.zero(I);
            IntVector q3a = IntVector.zero(I);
            IntVector q3b = IntVector.zero(I);
            IntVector q4a = IntVector.zero(I);
            IntVector q4b = IntVector.zero(I);
            int p = p0 + g * steps;
            int q = x0 + g * steps * PANEL;
            int last = steps - 1;
            for (int k = 0; k < last; k++) {
                IntVector a = IntVector.fromArray(I, x, q + k * PANEL);
                IntVector b = IntVector.fromArray(I, x, q + k * PANEL + LANES);
                IntVector w0 = IntVector.broadcast(I, pairs[p + k]);
                q0a = a.mul(w0).add(q0a);
                q0b = b.mul(w0).add(q0b);
                IntVector w1 = IntVector.broadcast(I, pairs[p + k + STRIDE]);
                q1a = a.mul(w1).add(q1a);
                q1b = b.mul(w1).add(q1b);
                IntVector w2 = IntVector.broadcast(I, pairs[p + k + 2 * STRIDE]);
                q2a = a.mul(w2).add(q2a);
                q2b = b.mul(w2).add(q2b);
                IntVector w3 = IntVector.broadcast(I, pairs[p + k + 3 * STRIDE]);
                q3a = a.mul(w3).add(q3a);
                q3b = b.mul(w3).add(q3b);
                IntVector w4 = IntVector.broadcast(I, pairs[p + k + 4 * STRIDE]);
                q4a = a.mul(w4).add(q4a);
                q4b = b.mul(w4).add(q4b);
            }
            IntVector a = IntVector.fromArray(I, x, q + last * PANEL);
            IntVector b = IntVector.fromArray(I, x, q + last * PANEL + LANES);
            int d = xScale + (g >> shift) * PANEL;
            FloatVector da = FloatVector.fromArray(F, xScales, d);
            FloatVector db = FloatVector.fromArray(F, xScales, d + LANES);
            IntVector w0 = IntVector.broadcast(I, pairs[p + last]);
            FloatVector d0 = IntVector.broadcast(I, Float.floatToRawIntBits(scales[scale + g]))
                    .reinterpretAsFloats();
            s0a = ((FloatVector) a.mul(w0).add(q0a).convertShape(I2F, F, 0)).fma(da.mul(d0), s0a);
            s0b = ((FloatVector) b.mul(w0).add(q0b).convertShape(I2F, F, 0)).fma(db.mul(d0), s0b);
            IntVector w1 = IntVector.broadcast(I, pairs[p + last + STRIDE]);
            FloatVector d1 = IntVector.broadcast(I, Float.floatToRawIntBits(scales[scale + g + SCALES_STRIDE]))
                    .reinterpretAsFloats();
            s1a = ((FloatVector) a.mul(w1).add(q1a).convertShape(I2F, F, 0)).fma(da.mul(d1), s1a);
            s1b = ((FloatVector) b.mul(w1).add(q1b).convertShape(I2F, F, 0)).fma(db.mul(d1), s1b);
            IntVector w2 = IntVector.broadcast(I, pairs[p + last + 2 * STRIDE]);
            FloatVector d2 = IntVector.broadcast(I, Float.floatToRawIntBits(scales[scale + g + 2 * SCALES_STRIDE]))
                    .reinterpretAsFloats();
            s2a = ((FloatVector) a.mul(w2).add(q2a).convertShape(I2F, F, 0)).fma(da.mul(d2), s2a);
            s2b = ((FloatVector) b.mul(w2).add(q2b).convertShape(I2F, F, 0)).fma(db.mul(d2), s2b);
            IntVector w3 = IntVector.broadcast(I, pairs[p + last + 3 * STRIDE]);
            FloatVector d3 = IntVector.broadcast(I, Float.floatToRawIntBits(scales[scale + g + 3 * SCALES_STRIDE]))
                    .reinterpretAsFloats();
            s3a = ((FloatVector) a.mul(w3).add(q3a).convertShape(I2F, F, 0)).fma(da.mul(d3), s3a);
            s3b = ((FloatVector) b.mul(w3).add(q3b).convertShape(I2F, F, 0)).fma(db.mul(d3), s3b);
            IntVector w4 = IntVector.broadcast(I, pairs[p + last + 4 * STRIDE]);
            FloatVector d4 = IntVector.broadcast(I, Float.floatToRawIntBits(scales[scale + g + 4 * SCALES_STRIDE]))
                    .reinterpretAsFloats();
            s4a = ((FloatVector) a.mul(w4).add(q4a).convertShape(I2F, F, 0)).fma(da.mul(d4), s4a);
            s4b = ((FloatVector) b.mul(w4).add(q4b).convertShape(I2F, F, 0)).fma(db.mul(d4), s4b);
        }
        FloatVector upper = FloatVector.broadcast(F, UPPER_HALF);
        upper.fma(s0a, FloatVector.fromArray(F, sums, at)).intoArray(sums, at);
        upper.fma(s0b, FloatVector.fromArray(F, sums, at + LANES)).intoArray(sums, at + LANES);
        upper.fma(s1a, FloatVector.fromArray(F, sums, at + PANEL)).intoArray(sums, at + PANEL);
        upper.fma(s1b, FloatVector.fromArray(F, sums, at + PANEL + LANES)).intoArray(sums, at + PANEL + LANES);
        upper.fma(s2a, FloatVector.fromArray(F, sums, at + 2 * PANEL)).intoArray(sums, at + 2 * PANEL);
        upper.fma(s2b, FloatVector.fromArray(F, sums, at + 2 * PANEL + LANES)).intoArray(sums, at + 2 * PANEL + LANES);
        upper.fma(s3a, FloatVector.fromArray(F, sums, at + 3 * PANEL)).intoArray(sums, at + 3 * PANEL);
        upper.fma(s3b, FloatVector.fromArray(F, sums, at + 3 * PANEL + LANES)).intoArray(sums, at + 3 * PANEL + LANES);
        upper.fma(s4a, FloatVector.fromArray(F, sums, at + 4 * PANEL)).intoArray(sums, at + 4 * PANEL);
        upper.fma(s4b, FloatVector.fromArray(F, sums, at + 4 * PANEL + LANES)).intoArray(sums, at + 4 * PANEL + LANES);
    }
}
