package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/** Reads the keys of a page. Stateless, shared by threads. */
public interface KeyKernel {
    /** The factor by which the caller multiplies queries before {@link #dots}. */
    float queryScale();

    /**
     * Dot products {@code scores[scoresOffset + h * scoresStride + c] = q[h] . k[c]} for whole tiles of cells; those past
     * {@code cells} are undefined.
     *
     * @param keys byte offset of the page's keys
     * @param cells 1 to 64
     * @param q float[heads][keyDim], times {@link #queryScale()}, and 8 floats more
     */
    void dots(
            MemorySegment page,
            long keys,
            int cells,
            int keyDim,
            float[] q,
            int heads,
            float[] scores,
            int scoresOffset,
            int scoresStride);

    /** Decodes whole tiles into {@code tile}: float[keyDim][64 cells], with room for 8 more channels. */
    void unpack(MemorySegment page, long keys, int cells, int keyDim, float[] tile);
}
