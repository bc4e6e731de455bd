package dev.quipu.kvcache.eviction;

import java.util.BitSet;
import java.util.Set;

/**
 * Two stages: {@code alpha} of the budget goes to the highest mean attention of the window, the rest to the highest scores.
 * The first stage secures attention mass for scores that could miss it.
 *
 * @param alpha share of stage 1, 0 to 1
 */
public record Staged(float alpha) implements Selection {
    public Staged {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException("alpha " + alpha);
        }
    }

    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.WINDOW_MEAN);
    }

    @Override
    public void select(HeadScores head, int budget, int positions, BitSet kept) {
        int free = Math.min(budget, head.cells()) - head.protectedCells().cardinality();
        Selection.best(head, head.attention(), budget - free + (int) (alpha * free), kept);
        Selection.fill(kept, head, head.group(), budget);
    }
}
