package dev.quipu.kvcache.eviction;

import java.util.Set;

/** How important each cell of a KV head is to each of its query heads. One paper, one class. */
public sealed interface Scorer
        permits Recency, RandomScore, H2o, Tova, SnapKv, Corm, Expected, KeyDiff, LeaveOneOut, Foresight, WorstCase {

    /** What it asks the cache to know. */
    Set<Statistic> needs();

    /** Writes {@code scores[g][cell]}, none negative; larger is more important. */
    void score(HeadObservation head, float[][] scores);

    /** Whether all heads of a layer share one score, the sum of their own. */
    default boolean sharedByLayer() {
        return false;
    }

    /** How the scores of a group's query heads become that of their cell. */
    default GroupAggregation aggregation() {
        return GroupAggregation.SUM;
    }
}
