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
    public BitSet select(HeadScores head, int budget, int positions) {
        return Selection.best(head, head.group(), budget);
    }
}
