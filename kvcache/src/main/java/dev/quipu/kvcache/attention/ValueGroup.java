package dev.quipu.kvcache.attention;

/** The loops of a {@link ValueKernel} for a fixed number of query heads. Stateless, shared by threads. */
interface ValueGroup {
    /**
     * Adds weighted values to the sums of this group's heads, as {@link ValueKernel#accumulate} does.
     *
     * @param values address of the page's values
     * @param p0 index of the first head's weights; the others follow at their stride
     * @param s0 index of the first head's sums; the others follow at their stride
     */
    void accumulate(
            long values, int cells, int valueDim, float[] p, int p0, int pStride, float[] sums, int s0, int sumsStride);

    /** As {@link ValueKernel#unpack}. */
    void unpack(long values, int cells, int valueDim, float[] tile);
}
