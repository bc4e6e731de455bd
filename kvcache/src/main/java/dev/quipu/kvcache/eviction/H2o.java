package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * Heavy hitters: all the attention a cell has received so far.
 *
 * <p>Based on Zhang et al., "H2O: Heavy-Hitter Oracle for Efficient Generative Inference", arXiv 2306.14048, section 4.
 */
public record H2o() implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.ACCUMULATED_ATTENTION);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (float[] score : scores) {
            System.arraycopy(head.accumulated(), 0, score, 0, head.cells());
        }
    }
}
