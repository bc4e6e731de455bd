package dev.quipu.runtime.matmul;

/** The arithmetic of one tile of quants and one panel of quantised activations. Stateless, shared by threads. */
interface QuantKernel {
    /** Distance of unpacked rows of pairs in ints. */
    int PAIRS_STRIDE = Tile.STRIDE / 2;

    /** Distance of unpacked rows of scales. */
    int SCALES_STRIDE = Tile.COLUMNS / 16;

    /** Row counts are multiples of this, and so of {@link PanelKernel#ROW_STEP}. */
    int rowStep();

    /**
     * sums[r][t] += the sum over groups g of scales[r][g] * xScale[t] * the sum over the group's columns of q[r] * xq[t].
     *
     * @param pairs int[rows][{@link #PAIRS_STRIDE}]
     * @param scales float[rows][{@link #SCALES_STRIDE}]
     * @param groups how many groups of columns
     * @param group columns of a group: 16 or 32
     * @param panel number of the panel in {@code x}
     * @param column the first of these columns in {@code x}
     * @param sums float[rows][32]
     */
    void accumulate(
            int[] pairs,
            float[] scales,
            int rows,
            int groups,
            int group,
            QuantizedPanels x,
            int panel,
            int column,
            float[] sums,
            int sumsOffset);
}
