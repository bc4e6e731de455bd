package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * The later, the more important; together with protected sinks this is StreamingLLM.
 *
 * <p>Based on Xiao et al., "Efficient Streaming Language Models with Attention Sinks", arXiv 2309.17453, section 3.2.
 * Differs: kept keys keep their positions.
 */
public record Recency() implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of();
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (float[] score : scores) {
            for (int i = 0; i < head.cells(); i++) {
                score[i] = head.positions()[i];
            }
        }
    }
}
