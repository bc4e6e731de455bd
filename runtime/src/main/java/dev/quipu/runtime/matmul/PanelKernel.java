package dev.quipu.runtime.matmul;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of one tile of weights and one panel of activations, in floats, term by term. Sums are float[rows][32] in heap
 * scratch, rows padded to a multiple of {@link #ROW_STEP}. Stateless, shared by threads.
 */
interface PanelKernel {
    /** Row counts are multiples of this. */
    int ROW_STEP = 4;

    /**
     * sums[r][t] += the sum over k &lt; columns of weights[r][k] * x[k][t], in a fixed order.
     *
     * @param weights float[rows][{@link Tile#STRIDE}]
     * @param rows a multiple of {@link #ROW_STEP}
     * @param xOffset byte offset of the panel's first of these columns: float[columns][32], 64-byte aligned
     */
    void accumulate(
            float[] weights, int rows, int columns, MemorySegment x, long xOffset, float[] sums, int sumsOffset);

    /** y = sums + bias, or y += sums + bias, for {@code rows} rows of a panel. */
    void store(
            float[] sums,
            int sumsOffset,
            int rows,
            float @Nullable [] bias,
            int biasOffset,
            MemorySegment y,
            long yOffset,
            boolean addToY);
}
