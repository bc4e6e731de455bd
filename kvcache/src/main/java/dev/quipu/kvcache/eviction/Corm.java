package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * The last query t that gave the cell at least 1 / t of its attention. With the {@link Threshold} selection the cache is
 * free of a budget: a cell goes when none of the last {@code window} queries found it important.
 *
 * <p>Based on Dai et al., "CORM: Cache Optimization with Recent Message", arXiv 2404.15949, algorithm 1. A group's cell is
 * important where it is so to any of its heads; t is the query's position plus 1.
 */
public record Corm() implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.LAST_IMPORTANT);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (float[] score : scores) {
            System.arraycopy(head.lastImportant(), 0, score, 0, head.cells());
        }
    }

    @Override
    public GroupAggregation aggregation() {
        return GroupAggregation.MAX;
    }
}
