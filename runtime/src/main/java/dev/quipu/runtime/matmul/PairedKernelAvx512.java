package dev.quipu.runtime.matmul;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.ADD;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of floats with fewer multiplications than terms, for hardware that adds floats beside its multiply-adds, as Zen 4
 * does: of three columns, two are multiplied as a pair, by S. Winograd's identity (1968), and the third plainly.
 *
 * <pre>
 * w0 x0 + w1 x1 = (w0 + x1) (w1 + x0) - w0 w1 - x0 x1
 * </pre>
 *
 * Two additions and two multiply-adds for three terms, on different units: the time of two terms. The sums of w0 w1 are one
 * for each row, kept behind its weights, those of x0 x1 one for each token ({@link PanelPairs}). They cancel in the end, which costs as many bits
 * as the larger of weights and activations stand above the other: this is for {@link
 * dev.quipu.runtime.kernel.Precision#FAST} only.
 *
 * <p>Lanes are tokens and weights are broadcast as in {@link VectorPanelKernel}, but as integers: broadcasting a float from
 * memory takes an adding unit's turn. Eight sums and what three columns of four rows need just fill the 32 registers.
 */
final class PairedKernelAvx512 {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_512;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = 16;
    private static final int PANEL = Tile.PANEL;
    private static final int STRIDE = Tile.STRIDE;
    private static final int BYTES = LANES * Float.BYTES;
    private static final long ROW = Tile.PANEL_BYTES;

    /** Columns that begin with the first of three again. */
    private static final int PERIOD = 3 * LANES;

    /** 1 for the first of three columns, else 0; for the vector of columns that begins with such a one, and the next two. */
    private static final FloatVector FIRST0 = first(0);

    private static final FloatVector FIRST1 = first(1);
    private static final FloatVector FIRST2 = first(2);

    private static FloatVector first(int vector) {
        float[] lanes = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            lanes[i] = (vector * LANES + i) % 3 == 0 ? 1 : 0;
        }
        return FloatVector.fromArray(F, lanes, 0);
    }

    /** How many of so many columns are taken in threes; the others are multiplied plainly. */
    private static int inThrees(int columns) {
        return columns / PERIOD * PERIOD;
    }

    private PairedKernelAvx512() {}

    /**
     * Each row's sum of products of pairs goes behind its weights.
     *
     * @param weights float[rows][{@link Tile#STRIDE}]
     */
    static void pairWeights(float[] weights, int rows, int columns) {
        int threes = inThrees(columns);
        for (int row = 0; row < rows; row++) {
            FloatVector sum = FloatVector.zero(F);
            int first = row * STRIDE;
            for (int i = first; i < first + threes; i += PERIOD) {
                sum = FloatVector.fromArray(F, weights, i)
                        .mul(FIRST0)
                        .fma(FloatVector.fromArray(F, weights, i + 1), sum);
                sum = FloatVector.fromArray(F, weights, i + LANES)
                        .mul(FIRST1)
                        .fma(FloatVector.fromArray(F, weights, i + LANES + 1), sum);
                sum = FloatVector.fromArray(F, weights, i + 2 * LANES)
                        .mul(FIRST2)
                        .fma(FloatVector.fromArray(F, weights, i + 2 * LANES + 1), sum);
            }
            weights[first + Tile.COLUMNS] = FloatVector.zero(F).add(sum).reduceLanes(ADD);
        }
    }

    /**
     * Each token's sum of products of pairs.
     *
     * @param x address of the panel's first of these columns: float[columns][32], 64-byte aligned
     * @param pairs float[32]
     */
    static void pairActivations(long x, int columns, float[] pairs, int at) {
        int threes = inThrees(columns);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        for (int k = 0; k < threes; k += 3) {
            long p = x + k * ROW;
            a = FloatVector.fromMemorySegment(F, ALL, p, LE).fma(FloatVector.fromMemorySegment(F, ALL, p + ROW, LE), a);
            b = FloatVector.fromMemorySegment(F, ALL, p + BYTES, LE)
                    .fma(FloatVector.fromMemorySegment(F, ALL, p + ROW + BYTES, LE), b);
        }
        a.intoArray(pairs, at);
        b.intoArray(pairs, at + LANES);
    }

    /**
     * As {@link PanelKernel#accumulate}.
     *
     * @param weights as {@link #pairWeights} leaves them
     * @param x address, as for {@link #pairActivations}
     * @param xPairs what that made of it, from {@code xPair} on
     */
    static void accumulate(
            float[] weights, int rows, int columns, long x, float[] xPairs, int xPair, float[] sums, int sumsOffset) {
        int threes = inThrees(columns);
        FloatVector ea = FloatVector.fromArray(F, xPairs, xPair);
        FloatVector eb = FloatVector.fromArray(F, xPairs, xPair + LANES);
        for (int row = 0; row < rows; row += 4) {
            int at = sumsOffset + row * PANEL;
            int w = row * STRIDE;
            int pairs = w + Tile.COLUMNS;
            FloatVector e0 = FloatVector.broadcast(F, weights[pairs]);
            FloatVector s0a = FloatVector.fromArray(F, sums, at).sub(e0.add(ea));
            FloatVector s0b = FloatVector.fromArray(F, sums, at + LANES).sub(e0.add(eb));
            FloatVector e1 = FloatVector.broadcast(F, weights[pairs + STRIDE]);
            FloatVector s1a = FloatVector.fromArray(F, sums, at + PANEL).sub(e1.add(ea));
            FloatVector s1b = FloatVector.fromArray(F, sums, at + PANEL + LANES).sub(e1.add(eb));
            FloatVector e2 = FloatVector.broadcast(F, weights[pairs + 2 * STRIDE]);
            FloatVector s2a = FloatVector.fromArray(F, sums, at + 2 * PANEL).sub(e2.add(ea));
            FloatVector s2b =
                    FloatVector.fromArray(F, sums, at + 2 * PANEL + LANES).sub(e2.add(eb));
            FloatVector e3 = FloatVector.broadcast(F, weights[pairs + 3 * STRIDE]);
            FloatVector s3a = FloatVector.fromArray(F, sums, at + 3 * PANEL).sub(e3.add(ea));
            FloatVector s3b =
                    FloatVector.fromArray(F, sums, at + 3 * PANEL + LANES).sub(e3.add(eb));
            for (int k = 0; k < threes; k += 3) {
                long p = x + k * ROW;
                int i = w + k;
                FloatVector x0a = FloatVector.fromMemorySegment(F, ALL, p, LE);
                FloatVector x0b = FloatVector.fromMemorySegment(F, ALL, p + BYTES, LE);
                FloatVector x1a = FloatVector.fromMemorySegment(F, ALL, p + ROW, LE);
                FloatVector x1b = FloatVector.fromMemorySegment(F, ALL, p + ROW + BYTES, LE);
                FloatVector x2a = FloatVector.fromMemorySegment(F, ALL, p + 2 * ROW, LE);
                FloatVector x2b = FloatVector.fromMemorySegment(F, ALL, p + 2 * ROW + BYTES, LE);
                FloatVector u0 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i]))
                        .reinterpretAsFloats();
                FloatVector v0 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 1]))
                        .reinterpretAsFloats();
                FloatVector w0 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 2]))
                        .reinterpretAsFloats();
                s0a = w0.fma(x2a, u0.add(x1a).fma(v0.add(x0a), s0a));
                s0b = w0.fma(x2b, u0.add(x1b).fma(v0.add(x0b), s0b));
                FloatVector u1 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + STRIDE]))
                        .reinterpretAsFloats();
                FloatVector v1 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + STRIDE + 1]))
                        .reinterpretAsFloats();
                FloatVector w1 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + STRIDE + 2]))
                        .reinterpretAsFloats();
                s1a = w1.fma(x2a, u1.add(x1a).fma(v1.add(x0a), s1a));
                s1b = w1.fma(x2b, u1.add(x1b).fma(v1.add(x0b), s1b));
                FloatVector u2 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 2 * STRIDE]))
                        .reinterpretAsFloats();
                FloatVector v2 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 2 * STRIDE + 1]))
                        .reinterpretAsFloats();
                FloatVector w2 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 2 * STRIDE + 2]))
                        .reinterpretAsFloats();
                s2a = w2.fma(x2a, u2.add(x1a).fma(v2.add(x0a), s2a));
                s2b = w2.fma(x2b, u2.add(x1b).fma(v2.add(x0b), s2b));
                FloatVector u3 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 3 * STRIDE]))
                        .reinterpretAsFloats();
                FloatVector v3 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 3 * STRIDE + 1]))
                        .reinterpretAsFloats();
                FloatVector w3 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[i + 3 * STRIDE + 2]))
                        .reinterpretAsFloats();
                s3a = w3.fma(x2a, u3.add(x1a).fma(v3.add(x0a), s3a));
                s3b = w3.fma(x2b, u3.add(x1b).fma(v3.add(x0b), s3b));
            }
            for (int k = threes; k < columns; k++) {
                FloatVector a = FloatVector.fromMemorySegment(F, ALL, x + k * ROW, LE);
                FloatVector b = FloatVector.fromMemorySegment(F, ALL, x + k * ROW + BYTES, LE);
                FloatVector w0 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[w + k]))
                        .reinterpretAsFloats();
                s0a = w0.fma(a, s0a);
                s0b = w0.fma(b, s0b);
                FloatVector w1 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[w + k + STRIDE]))
                        .reinterpretAsFloats();
                s1a = w1.fma(a, s1a);
                s1b = w1.fma(b, s1b);
                FloatVector w2 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[w + k + 2 * STRIDE]))
                        .reinterpretAsFloats();
                s2a = w2.fma(a, s2a);
                s2b = w2.fma(b, s2b);
                FloatVector w3 = IntVector.broadcast(I, Float.floatToRawIntBits(weights[w + k + 3 * STRIDE]))
                        .reinterpretAsFloats();
                s3a = w3.fma(a, s3a);
                s3b = w3.fma(b, s3b);
            }
            s0a.intoArray(sums, at);
            s0b.intoArray(sums, at + LANES);
            s1a.intoArray(sums, at + PANEL);
            s1b.intoArray(sums, at + PANEL + LANES);
            s2a.intoArray(sums, at + 2 * PANEL);
            s2b.intoArray(sums, at + 2 * PANEL + LANES);
            s3a.intoArray(sums, at + 3 * PANEL);
            s3b.intoArray(sums, at + 3 * PANEL + LANES);
        }
    }
}
