package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.Set;

/**
 * The worst case instead of the mean: the largest pooled attention over window and group, floored at the head's mean, so
 * that no cell is written off because one window happened to overlook it.
 *
 * <p>Based on Feng et al., "DefensiveKV", arXiv 2510.13334: defensive aggregation.
 *
 * @param pooling of each query's attention
 */
public record Defensive(Pooling pooling) implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.WINDOW_ATTENTION);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        float[] row = new float[head.cells()];
        for (int g = 0; g < scores.length; g++) {
            float[] worst = scores[g];
            Arrays.fill(worst, 0, head.cells(), 0);
            for (int lane : head.lanes()) {
                for (int i = 0; i < head.cells(); i++) {
                    row[i] = head.attention()[g][i * HeadObservation.LANES + lane];
                }
                pooling.apply(row, head.pooled(), head.spare());
                for (int i = 0; i < head.cells(); i++) {
                    worst[i] = Math.max(worst[i], row[i]);
                }
            }
        }
        floor(head, scores);
    }

    /** The group's maximum into each of its scores, floored at its mean over cells. */
    static void floor(HeadObservation head, float[][] scores) {
        float[] group = scores[0];
        GroupAggregation.MAX.combine(scores, head.cells(), group);
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
    public GroupAggregation aggregation() {
        return GroupAggregation.MAX;
    }
}
