package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * Keys that point elsewhere than the mean key matter most: {@code 1 - cos(k, mean of k / |k|)}. Needs no attention.
 *
 * <p>Based on Park et al., "KeyDiff: Key Similarity-Based KV Cache Eviction", arXiv 2504.15364, section 3.
 */
public record KeyDiff() implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.KEY_COSINE);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (float[] score : scores) {
            for (int i = 0; i < head.cells(); i++) {
                score[i] = 1 - head.keyCosines()[i];
            }
        }
    }
}
