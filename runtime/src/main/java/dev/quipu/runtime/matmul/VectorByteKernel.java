package dev.quipu.runtime.matmul;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products in 16 bits of quants of eight bits: as {@link VectorQuantKernel}, but a short sums the products of four pairs of
 * columns only, and drops its lowest three bits before it is added to those of the rest of a group of 32. What that loses, 6
 * in a sum of 32 products of hundreds to thousands each (root mean square), is a tenth of what rounding activations costs. A
 * template of {@link SimdWidth}.
 */
final class VectorByteKernel implements QuantKernel {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final VectorSpecies<Integer> I =
            SimdWidth.of(MethodHandles.lookup()).ints();
    private static final VectorSpecies<Short> S =
            SimdWidth.of(MethodHandles.lookup()).shorts();
    private static final int LANES = F.length();
    private static final int PANEL = Tile.PANEL;
    private static final int STRIDE = PAIRS_STRIDE;

    /** Pairs of a run. */
    private static final int STEPS = 4;

    /** Eight sums, four in each short of an int, come to less than 2^15 together without these many of their bits. */
    private static final short DROPPED = 3;

    /**
     * Dropping bits rounds down, by 7/16 of what is left on average, eight times in a group, and what remains below the sum's
     * half of an int adds half of that; so groups begin at 3, in two shorts.
     */
    private static final int MEAN_LOSS = 0x00010002;

    /** An int of two shorts times this has their sum in its upper half. */
    private static final int BOTH_HALVES = 0x00010001;

    /** What the dropped bits and {@link #BOTH_HALVES}, whose sum stands 16 bits higher, leave to multiply by. */
    private static final float REST = 0x1p-13f;

    @Override
    public int rowStep() {
        return 12;
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
            for (int row = 0; row < rows; row += 3) {
                rows3(
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

    /** Three rows and two vectors of tokens; {@code steps} pairs a group. */
    private static void rows3(
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
        IntVector loss = IntVector.broadcast(I, MEAN_LOSS);
        ShortVector dropped = ShortVector.broadcast(S, DROPPED);
        FloatVector s0a = FloatVector.zero(F);
        FloatVector s0b = FloatVector.zero(F);
        FloatVector s1a = FloatVector.zero(F);
        FloatVector s1b = FloatVector.zero(F);
        FloatVector s2a = FloatVector.zero(F);
        FloatVector s2b = FloatVector.zero(F);
        for (int g = 0; g < groups; g++) {
            ShortVector q0a = loss.reinterpretAsShorts();
            ShortVector q0b = loss.reinterpretAsShorts();
            ShortVector q1a = loss.reinterpretAsShorts();
            ShortVector q1b = loss.reinterpretAsShorts();
            ShortVector q2a = loss.reinterpretAsShorts();
            ShortVector q2b = loss.reinterpretAsShorts();
            int p = p0 + g * steps;
            int q = x0 + g * steps * 2 * PANEL;
            int last = steps - STEPS;
            for (int k = 0; k < last; k += STEPS) {
                ShortVector a0 = ShortVector.fromArray(S, x, q + k * 2 * PANEL);
                ShortVector b0 = ShortVector.fromArray(S, x, q + k * 2 * PANEL + 2 * LANES);
                ShortVector w00 = IntVector.broadcast(I, pairs[p + k]).reinterpretAsShorts();
                ShortVector t0a0 = a0.mul(w00);
                ShortVector t0b0 = b0.mul(w00);
                ShortVector w10 = IntVector.broadcast(I, pairs[p + k + STRIDE]).reinterpretAsShorts();
                ShortVector t1a0 = a0.mul(w10);
                ShortVector t1b0 = b0.mul(w10);
                ShortVector w20 =
                        IntVector.broadcast(I, pairs[p + k + 2 * STRIDE]).reinterpretAsShorts();
                ShortVector t2a0 = a0.mul(w20);
                ShortVector t2b0 = b0.mul(w20);
                ShortVector a1 = ShortVector.fromArray(S, x, q + (k + 1) * 2 * PANEL);
                ShortVector b1 = ShortVector.fromArray(S, x, q + (k + 1) * 2 * PANEL + 2 * LANES);
                ShortVector w01 = IntVector.broadcast(I, pairs[p + k + 1]).reinterpretAsShorts();
                ShortVector t0a1 = a1.mul(w01).add(t0a0);
                ShortVector t0b1 = b1.mul(w01).add(t0b0);
                ShortVector w11 =
                        IntVector.broadcast(I, pairs[p + k + 1 + STRIDE]).reinterpretAsShorts();
                ShortVector t1a1 = a1.mul(w11).add(t1a0);
                ShortVector t1b1 = b1.mul(w11).add(t1b0);
                ShortVector w21 =
                        IntVector.broadcast(I, pairs[p + k + 1 + 2 * STRIDE]).reinterpretAsShorts();
                ShortVector t2a1 = a1.mul(w21).add(t2a0);
                ShortVector t2b1 = b1.mul(w21).add(t2b0);
                ShortVector a2 = ShortVector.fromArray(S, x, q + (k + 2) * 2 * PANEL);
                ShortVector b2 = ShortVector.fromArray(S, x, q + (k + 2) * 2 * PANEL + 2 * LANES);
                ShortVector w02 = IntVector.broadcast(I, pairs[p + k + 2]).reinterpretAsShorts();
                ShortVector t0a2 = a2.mul(w02).add(t0a1);
                ShortVector t0b2 = b2.mul(w02).add(t0b1);
                ShortVector w12 =
                        IntVector.broadcast(I, pairs[p + k + 2 + STRIDE]).reinterpretAsShorts();
                ShortVector t1a2 = a2.mul(w12).add(t1a1);
                ShortVector t1b2 = b2.mul(w12).add(t1b1);
                ShortVector w22 =
                        IntVector.broadcast(I, pairs[p + k + 2 + 2 * STRIDE]).reinterpretAsShorts();
                ShortVector t2a2 = a2.mul(w22).add(t2a1);
                ShortVector t2b2 = b2.mul(w22).add(t2b1);
                ShortVector a3 = ShortVector.fromArray(S, x, q + (k + 3) * 2 * PANEL);
                ShortVector b3 = ShortVector.fromArray(S, x, q + (k + 3) * 2 * PANEL + 2 * LANES);
                ShortVector w03 = IntVector.broadcast(I, pairs[p + k + 3]).reinterpretAsShorts();
                ShortVector t0a3 = a3.mul(w03).add(t0a2);
                ShortVector t0b3 = b3.mul(w03).add(t0b2);
                ShortVector w13 =
                        IntVector.broadcast(I, pairs[p + k + 3 + STRIDE]).reinterpretAsShorts();
                ShortVector t1a3 = a3.mul(w13).add(t1a2);
                ShortVector t1b3 = b3.mul(w13).add(t1b2);
                ShortVector w23 =
                        IntVector.broadcast(I, pairs[p + k + 3 + 2 * STRIDE]).reinterpretAsShorts();
                ShortVector t2a3 = a3.mul(w23).add(t2a2);
                ShortVector t2b3 = b3.mul(w23).add(t2b2);
                q0a = t0a3.lanewise(ASHR, dropped).add(q0a);
                q0b = t0b3.lanewise(ASHR, dropped).add(q0b);
                q1a = t1a3.lanewise(ASHR, dropped).add(q1a);
                q1b = t1b3.lanewise(ASHR, dropped).add(q1b);
                q2a = t2a3.lanewise(ASHR, dropped).add(q2a);
                q2b = t2b3.lanewise(ASHR, dropped).add(q2b);
            }
            ShortVector a0 = ShortVector.fromArray(S, x, q + last * 2 * PANEL);
            ShortVector b0 = ShortVector.fromArray(S, x, q + last * 2 * PANEL + 2 * LANES);
            ShortVector w00 = IntVector.broadcast(I, pairs[p + last]).reinterpretAsShorts();
            ShortVector t0a0 = a0.mul(w00);
            ShortVector t0b0 = b0.mul(w00);
            ShortVector w10 = IntVector.broadcast(I, pairs[p + last + STRIDE]).reinterpretAsShorts();
            ShortVector t1a0 = a0.mul(w10);
            ShortVector t1b0 = b0.mul(w10);
            ShortVector w20 =
                    IntVector.broadcast(I, pairs[p + last + 2 * STRIDE]).reinterpretAsShorts();
            ShortVector t2a0 = a0.mul(w20);
            ShortVector t2b0 = b0.mul(w20);
            ShortVector a1 = ShortVector.fromArray(S, x, q + (last + 1) * 2 * PANEL);
            ShortVector b1 = ShortVector.fromArray(S, x, q + (last + 1) * 2 * PANEL + 2 * LANES);
            ShortVector w01 = IntVector.broadcast(I, pairs[p + last + 1]).reinterpretAsShorts();
            ShortVector t0a1 = a1.mul(w01).add(t0a0);
            ShortVector t0b1 = b1.mul(w01).add(t0b0);
            ShortVector w11 =
                    IntVector.broadcast(I, pairs[p + last + 1 + STRIDE]).reinterpretAsShorts();
            ShortVector t1a1 = a1.mul(w11).add(t1a0);
            ShortVector t1b1 = b1.mul(w11).add(t1b0);
            ShortVector w21 =
                    IntVector.broadcast(I, pairs[p + last + 1 + 2 * STRIDE]).reinterpretAsShorts();
            ShortVector t2a1 = a1.mul(w21).add(t2a0);
            ShortVector t2b1 = b1.mul(w21).add(t2b0);
            ShortVector a2 = ShortVector.fromArray(S, x, q + (last + 2) * 2 * PANEL);
            ShortVector b2 = ShortVector.fromArray(S, x, q + (last + 2) * 2 * PANEL + 2 * LANES);
            ShortVector w02 = IntVector.broadcast(I, pairs[p + last + 2]).reinterpretAsShorts();
            ShortVector t0a2 = a2.mul(w02).add(t0a1);
            ShortVector t0b2 = b2.mul(w02).add(t0b1);
            ShortVector w12 =
                    IntVector.broadcast(I, pairs[p + last + 2 + STRIDE]).reinterpretAsShorts();
            ShortVector t1a2 = a2.mul(w12).add(t1a1);
            ShortVector t1b2 = b2.mul(w12).add(t1b1);
            ShortVector w22 =
                    IntVector.broadcast(I, pairs[p + last + 2 + 2 * STRIDE]).reinterpretAsShorts();
            ShortVector t2a2 = a2.mul(w22).add(t2a1);
            ShortVector t2b2 = b2.mul(w22).add(t2b1);
            ShortVector a3 = ShortVector.fromArray(S, x, q + (last + 3) * 2 * PANEL);
            ShortVector b3 = ShortVector.fromArray(S, x, q + (last + 3) * 2 * PANEL + 2 * LANES);
            ShortVector w03 = IntVector.broadcast(I, pairs[p + last + 3]).reinterpretAsShorts();
            ShortVector t0a3 = a3.mul(w03).add(t0a2);
            ShortVector t0b3 = b3.mul(w03).add(t0b2);
            ShortVector w13 =
                    IntVector.broadcast(I, pairs[p + last + 3 + STRIDE]).reinterpretAsShorts();
            ShortVector t1a3 = a3.mul(w13).add(t1a2);
            ShortVector t1b3 = b3.mul(w13).add(t1b2);
            ShortVector w23 =
                    IntVector.broadcast(I, pairs[p + last + 3 + 2 * STRIDE]).reinterpretAsShorts();
            ShortVector t2a3 = a3.mul(w23).add(t2a2);
            ShortVector t2b3 = b3.mul(w23).add(t2b2);
            FloatVector da = FloatVector.fromArray(F, xScales, xScale + g * PANEL);
            FloatVector db = FloatVector.fromArray(F, xScales, xScale + g * PANEL + LANES);
            FloatVector d0 = FloatVector.broadcast(F, scales[scale + g]);
            IntVector i0a = t0a3.lanewise(ASHR, dropped).add(q0a).reinterpretAsInts();
            s0a = ((FloatVector) i0a.mul(both).convertShape(I2F, F, 0)).fma(da.mul(d0), s0a);
            IntVector i0b = t0b3.lanewise(ASHR, dropped).add(q0b).reinterpretAsInts();
            s0b = ((FloatVector) i0b.mul(both).convertShape(I2F, F, 0)).fma(db.mul(d0), s0b);
            FloatVector d1 = FloatVector.broadcast(F, scales[scale + g + SCALES_STRIDE]);
            IntVector i1a = t1a3.lanewise(ASHR, dropped).add(q1a).reinterpretAsInts();
            s1a = ((FloatVector) i1a.mul(both).convertShape(I2F, F, 0)).fma(da.mul(d1), s1a);
            IntVector i1b = t1b3.lanewise(ASHR, dropped).add(q1b).reinterpretAsInts();
            s1b = ((FloatVector) i1b.mul(both).convertShape(I2F, F, 0)).fma(db.mul(d1), s1b);
            FloatVector d2 = FloatVector.broadcast(F, scales[scale + g + 2 * SCALES_STRIDE]);
            IntVector i2a = t2a3.lanewise(ASHR, dropped).add(q2a).reinterpretAsInts();
            s2a = ((FloatVector) i2a.mul(both).convertShape(I2F, F, 0)).fma(da.mul(d2), s2a);
            IntVector i2b = t2b3.lanewise(ASHR, dropped).add(q2b).reinterpretAsInts();
            s2b = ((FloatVector) i2b.mul(both).convertShape(I2F, F, 0)).fma(db.mul(d2), s2b);
        }
        FloatVector rest = FloatVector.broadcast(F, REST);
        rest.fma(s0a, FloatVector.fromArray(F, sums, at)).intoArray(sums, at);
        rest.fma(s0b, FloatVector.fromArray(F, sums, at + LANES)).intoArray(sums, at + LANES);
        rest.fma(s1a, FloatVector.fromArray(F, sums, at + PANEL)).intoArray(sums, at + PANEL);
        rest.fma(s1b, FloatVector.fromArray(F, sums, at + PANEL + LANES)).intoArray(sums, at + PANEL + LANES);
        rest.fma(s2a, FloatVector.fromArray(F, sums, at + 2 * PANEL)).intoArray(sums, at + 2 * PANEL);
        rest.fma(s2b, FloatVector.fromArray(F, sums, at + 2 * PANEL + LANES)).intoArray(sums, at + 2 * PANEL + LANES);
    }
}
