package dev.quipu.kvcache.eviction;

/**
 * What is known about the cells of one KV head when eviction looks at them. Arrays may be longer than stated and belong to
 * the observer: they are valid until it looks at the next head. Those that were not asked for are empty.
 *
 * @param layer layer of the head
 * @param kvHead KV head
 * @param cells cells held
 * @param recent cells at the end that the recent window protects; pooling stops before them
 * @param positions int[cells], ascending
 * @param lanes queries of the observation window, oldest first: indices into the 32 lanes
 * @param attention float[group][cells * 32]: attention of each window query, by lane; 0 where the query does not see the cell
 * @param windowMeans float[group][cells]: mean attention of the window's queries
 * @param valueNorms float[group][cells]
 * @param squares float[group][cells]: squares of the values' lengths
 * @param centredNorms float[group][cells]
 * @param distances float[group][cells * 32], by lane
 * @param meanDistances float[group][cells]: the mean of that over the window's queries
 * @param outputErrors float[group][cells]: the mean of attention times distance
 * @param foreseenErrors float[group][cells]
 * @param foreseenPeaks float[group][cells]
 * @param keyCosines float[cells]
 * @param accumulated float[cells], summed over the group
 * @param lastImportant float[cells], positions
 * @param scores float[group][cells], for whoever scores
 * @param spare at least float[cells], for whoever computes
 */
public record HeadObservation(
        int layer,
        int kvHead,
        int cells,
        int recent,
        int[] positions,
        int[] lanes,
        float[][] attention,
        float[][] windowMeans,
        float[][] valueNorms,
        float[][] squares,
        float[][] centredNorms,
        float[][] distances,
        float[][] meanDistances,
        float[][] outputErrors,
        float[][] foreseenErrors,
        float[][] foreseenPeaks,
        float[] keyCosines,
        float[] accumulated,
        float[] lastImportant,
        float[][] scores,
        float[] spare) {

    /** Queries of a panel. */
    public static final int LANES = 32;

    /** Query heads that share the KV head. */
    public int group() {
        return attention.length;
    }

    /** Cells that pooling runs over. */
    public int pooled() {
        return cells - recent;
    }
}
