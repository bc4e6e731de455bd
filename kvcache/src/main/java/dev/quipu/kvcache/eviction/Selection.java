package dev.quipu.kvcache.eviction;

import java.util.BitSet;
import java.util.Set;

/** Which cells of a head stay, given scores and a budget. */
public sealed interface Selection permits TopK, Critical, Staged, LambdaSweep, Threshold {
    /** What it asks the cache to know besides the scorer's needs. */
    Set<Statistic> needs();

    /**
     * The cells that stay, the protected ones among them.
     *
     * @param budget cells to keep, protected ones included; no fewer than are protected
     * @param positions tokens seen so far
     * @param kept receives them; what was in it goes
     */
    void select(HeadScores head, int budget, int positions, BitSet kept);

    /** The protected cells and the best of the rest. */
    static void best(HeadScores head, float[] scores, int budget, BitSet kept) {
        kept.clear();
        kept.or(head.protectedCells());
        fill(kept, head, scores, budget);
    }

    /** Adds the best of those that are not kept yet, up to {@code budget} in all. */
    static void fill(BitSet kept, HeadScores head, float[] scores, int budget) {
        int already = kept.cardinality();
        int count = Math.min(budget, head.cells()) - already;
        Ranking ranking = head.ranking(scores, kept);
        ranking.top(count);
        for (int i = 0; i < count; i++) {
            kept.set(ranking.index(i));
        }
    }
}
