package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * The attention of the last query, over all heads of the layer: its heads keep the same cells.
 *
 * <p>Based on Oren et al., "Transformers are Multi-State RNNs", arXiv 2401.06104, section 3.3.
 */
public record Tova() implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.WINDOW_ATTENTION);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        int last = head.lanes()[head.lanes().length - 1];
        for (int g = 0; g < scores.length; g++) {
            for (int i = 0; i < head.cells(); i++) {
                scores[g][i] = head.attention()[g][i * HeadObservation.LANES + last];
            }
        }
    }

    @Override
    public boolean sharedByLayer() {
        return true;
    }
}
