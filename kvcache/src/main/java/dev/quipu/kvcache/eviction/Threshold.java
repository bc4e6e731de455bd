package dev.quipu.kvcache.eviction;

import java.util.BitSet;
import java.util.Set;

/**
 * Free of a budget: a cell stays while its score, a position, is no older than {@code age} tokens. For {@link Corm}.
 *
 * @param age tokens
 */
public record Threshold(int age) implements Selection {
    public Threshold {
        if (age < 1) {
            throw new IllegalArgumentException("age " + age);
        }
    }

    @Override
    public Set<Statistic> needs() {
        return Set.of();
    }

    @Override
    public void select(HeadScores head, int budget, int positions, BitSet kept) {
        kept.clear();
        kept.or(head.protectedCells());
        for (int i = 0; i < head.cells(); i++) {
            if (head.group()[head.first() + i] >= positions - age) {
                kept.set(i);
            }
        }
    }
}
