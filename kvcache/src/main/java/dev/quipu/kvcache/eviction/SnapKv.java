package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * Mean attention of the observation window's queries, pooled over neighbouring cells.
 *
 * <p>Based on Li et al., "SnapKV: LLM Knows What You are Looking for Before Generation", arXiv 2404.14469, section 4.
 * Constants in circulation: maximum over 7 (AdaKV's code), average over 5 (kvpress).
 *
 * @param pooling of the mean
 */
public record SnapKv(Pooling pooling) implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.WINDOW_ATTENTION);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (int g = 0; g < scores.length; g++) {
            mean(head, head.attention()[g], scores[g]);
            pooling.apply(scores[g], head.pooled());
        }
    }

    /** Mean over the window's queries of {@code rows[cells][32]}. */
    static void mean(HeadObservation head, float[] rows, float[] mean) {
        float share = 1f / head.lanes().length;
        for (int i = 0; i < head.cells(); i++) {
            float sum = 0;
            for (int lane : head.lanes()) {
                sum += rows[i * HeadObservation.LANES + lane];
            }
            mean[i] = sum * share;
        }
    }
}
