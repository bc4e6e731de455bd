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
 * @param valueNorms float[group][cells]
 * @param centredNorms float[group][cells]
 * @param distances float[group][cells * 32], by lane
 * @param foreseenErrors float[group][cells]
 * @param keyCosines float[cells]
 * @param accumulated float[cells], summed over the group
 * @param lastImportant float[cells], positions
 */
public record HeadObservation(
        int layer,
        int kvHead,
        int cells,
        int recent,
        int[] positions,
        int[] lanes,
        float[][] attention,
        float[][] valueNorms,
        float[][] centredNorms,
        float[][] distances,
        float[][] foreseenErrors,
        float[] keyCosines,
        float[] accumulated,
        float[] lastImportant) {

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
