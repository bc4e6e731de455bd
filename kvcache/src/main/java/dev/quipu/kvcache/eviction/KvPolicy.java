package dev.quipu.kvcache.eviction;

import java.util.EnumSet;
import java.util.Set;

/**
 * What an evicting cache keeps: score x selection x allocation, and what is protected.
 *
 * @param name name of the preset it comes from
 * @param scorer how important a cell is
 * @param selection which cells stay
 * @param heads how a layer's cells are split over its heads
 * @param layers how the cells are split over layers
 * @param sinks cells at the start that always stay
 * @param window cells at the end that always stay, and queries that are observed; 1 to 32
 */
public record KvPolicy(
        String name,
        Scorer scorer,
        Selection selection,
        HeadAllocation heads,
        LayerAllocation layers,
        int sinks,
        int window) {

    public KvPolicy {
        if (sinks < 0 || window < 1 || window > HeadObservation.LANES) {
            throw new IllegalArgumentException(sinks + " sinks, window of " + window);
        }
    }

    /** What the cache must know for it. */
    public Set<Statistic> needs() {
        EnumSet<Statistic> needs = EnumSet.noneOf(Statistic.class);
        needs.addAll(scorer.needs());
        needs.addAll(selection.needs());
        return needs;
    }

    public KvPolicy withScorer(Scorer scorer) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window);
    }

    public KvPolicy withSelection(Selection selection) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window);
    }

    public KvPolicy withHeads(HeadAllocation heads) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window);
    }

    public KvPolicy withLayers(LayerAllocation layers) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window);
    }

    public KvPolicy withProtected(int sinks, int window) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window);
    }
}
