package dev.quipu.kvcache.eviction;

/**
 * Scores that are the worst case instead of the mean: the largest attention over queries and the group, floored at the head's
 * mean over cells, so that no cell is written off because a few queries happened to overlook it. Where all queries agree the
 * floor is low, where each looks elsewhere it is high.
 *
 * <p>Based on Feng et al., "DefensiveKV", arXiv 2510.13334: defensive aggregation.
 */
public sealed interface WorstCase extends Scorer permits Defensive, Peak {
    /** Writes the largest attention that each query head pays, {@code scores[g][cell]}. */
    void worst(HeadObservation head, float[][] scores);

    /** Each head of the group gets the group's. */
    @Override
    default void score(HeadObservation head, float[][] scores) {
        worst(head, scores);
        float[] group = scores[0];
        GroupAggregation.MAX.combine(scores, head.cells(), group, 0);
        double sum = 0;
        for (int i = 0; i < head.pooled(); i++) {
            sum += group[i];
        }
        float floor = head.pooled() == 0 ? 0 : (float) (sum / head.pooled());
        for (int i = 0; i < head.cells(); i++) {
            group[i] = Math.max(group[i], floor);
        }
        for (int g = 1; g < scores.length; g++) {
            System.arraycopy(group, 0, scores[g], 0, head.cells());
        }
    }

    @Override
    default GroupAggregation aggregation() {
        return GroupAggregation.MAX;
    }
}
