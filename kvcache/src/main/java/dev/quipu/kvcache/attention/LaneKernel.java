package dev.quipu.kvcache.attention;

/**
 * What eviction makes of a panel's rows, {@code float[cells][32]}, lanes = queries. Offsets and counts are in cells for
 * columns and in floats for rows. Stateless, shared by threads.
 */
public interface LaneKernel {
    /** {@code max[lane] = max(max[lane], rows[c][lane])}. */
    void raise(float[] rows, int offset, int cells, float[] max);

    /** {@code sums[lane] += sum over cells of rows[c][lane]}. */
    void add(float[] rows, int offset, int cells, float[] sums);

    /** {@code column[c] += sum over lanes of weights[lane] * rows[c][lane]}. */
    void sum(float[] rows, int offset, int cells, float[] weights, float[] column, int first);

    /**
     * {@code column[c] += sum over blocks and lanes of weights[block][lane] * rows[block][c][lane]}.
     *
     * @param rows address of float[blocks][64 cells][32]
     * @param weights float[blocks][32] from the offset
     */
    void sum(long rows, int blocks, int cells, float[] weights, int weightsOffset, float[] column, int first);

    /**
     * Of {@code a = shares[block][lane] * rows[block][c][lane]} over blocks and lanes: {@code means[c] += sum of
     * weights[block][lane] * a}, {@code peaks[c] = max(peaks[c], max of a)}. Rows as in {@link #sum}; shares from the offset,
     * weights from index 0.
     */
    void sumAndPeak(
            long rows,
            int blocks,
            int cells,
            float[] shares,
            int sharesOffset,
            float[] weights,
            float[] means,
            float[] peaks,
            int first);

    /** {@code column[c] += sum over lanes of weights[lane] * rows[c][lane] * factors[c][lane]}; factors from index 0. */
    void sumProducts(float[] rows, int offset, int cells, float[] factors, float[] weights, float[] column, int first);

    /** {@code cross[c][lane] = sqrt(max(0, squares[c] + own[lane] - 2 cross[c][lane]))} in place, from index 0. */
    void distances(float[] cross, int cells, float[] squares, int first, float[] own);

    /** {@code sums[lane] += sum over rows of |values[row][lane]|}, from index 0. */
    void sumAbsolutes(float[] values, int rows, float[] sums);

    /** {@code sums[lane] += sum over rows of a[row][lane] * b[row][lane]}. */
    void sumPairs(float[] a, int aOffset, float[] b, int bOffset, int rows, float[] sums);
}
