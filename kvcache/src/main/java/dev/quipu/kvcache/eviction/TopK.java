package dev.quipu.kvcache.eviction;

import java.util.BitSet;
import java.util.Set;

/** The highest scores stay. */
public record TopK() implements Selection {
    @Override
    public Set<Statistic> needs() {
        return Set.of();
    }

    @Override
    public void select(HeadScores head, int budget, int positions, BitSet kept) {
        Selection.best(head, head.group(), budget, kept);
    }
}
