package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * Mean attention of the observation window's queries, pooled over neighbouring cells.
 *
 * <p>Based on Li et al., "SnapKV: LLM Knows What You are Looking for Before Generation", arXiv 2404.14469, section 4.
 * Constants in circulation: maximum over 7 (AdaKV's code), average over 5 (kvpress).
 *
 * @param pooling of the mean
 * @param over how the window's queries combine; SnapKV takes the mean
 * @param across how the heads of a group combine; SnapKV takes the sum
 */
public record SnapKv(Pooling pooling, WindowAggregation over, GroupAggregation across) implements Scorer {
    public SnapKv(Pooling pooling) {
        this(pooling, WindowAggregation.MEAN, GroupAggregation.SUM);
    }

    @Override
    public Set<Statistic> needs() {
        return Set.of(over == WindowAggregation.MEAN ? Statistic.WINDOW_MEAN : Statistic.WINDOW_ATTENTION);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        if (over != WindowAggregation.MEAN) {
            over.score(head, g -> head.attention()[g], pooling, scores);
            return;
        }
        for (int g = 0; g < scores.length; g++) {
            System.arraycopy(head.windowMeans()[g], 0, scores[g], 0, head.cells());
            pooling.apply(scores[g], head.pooled(), head.spare());
        }
    }

    @Override
    public GroupAggregation aggregation() {
        return over.across(across);
    }
}
