package dev.quipu.runtime.matmul;

/** The arithmetic of one tile of quants and one panel of quantised activations. Stateless, shared by threads. */
interface QuantKernel {
    /** Row counts are multiples of this, and so of {@link PanelKernel#ROW_STEP}. */
    int ROW_STEP = 20;

    /** Distance of unpacked rows of pairs in ints. */
    int PAIRS_STRIDE = Tile.STRIDE / 2;

    /** Distance of unpacked rows of scales. */
    int SCALES_STRIDE = Tile.COLUMNS / 16;

    /**
     * sums[r][t] += the sum over groups g of scales[r][g] * xScale[t] * the sum over the group's columns of q[r] * xq[t].
     *
     * @param pairs short[rows][{@link #PAIRS_STRIDE}][2]
     * @param scales float[rows][{@link #SCALES_STRIDE}]
     * @param groups how many groups of columns
     * @param group columns of a group: 16 or 32
     * @param block number of the first of these columns' block in {@code x}
     * @param sums float[rows][32]
     */
    void accumulate(
            int[] pairs,
            float[] scales,
            int rows,
            int groups,
            int group,
            QuantizedPanels x,
            int block,
            float[] sums,
            int sumsOffset);
}
