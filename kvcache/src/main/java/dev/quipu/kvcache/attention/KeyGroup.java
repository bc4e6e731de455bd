package dev.quipu.kvcache.attention;

/** The loops of a {@link KeyKernel} for a fixed number of query heads. Stateless, shared by threads. */
interface KeyGroup {
    /**
     * Dot products of this group's heads with whole tiles of cells, as {@link KeyKernel#dots} has them.
     *
     * @param keys address of the page's keys
     * @param q0 index of the first head's query; the others follow
     * @param s0 index of the first head's scores; the others follow at the stride
     */
    void dots(long keys, int cells, int keyDim, float[] q, int q0, float[] scores, int s0, int stride);

    /** As {@link KeyKernel#unpack}. */
    void unpack(long keys, int cells, int keyDim, float[] tile);
}
