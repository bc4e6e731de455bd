package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.Set;

/**
 * The worst case over the window's queries.
 *
 * <p>Based on Feng et al., "DefensiveKV", arXiv 2510.13334: defensive aggregation.
 *
 * @param pooling of each query's attention
 */
public record Defensive(Pooling pooling) implements WorstCase {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.WINDOW_ATTENTION);
    }

    @Override
    public void worst(HeadObservation head, float[][] scores) {
        float[] row = head.row();
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
    }
}
