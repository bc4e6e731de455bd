package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * The worst case of what may come: the largest attention that any query of {@link Foresight}'s forecast pays to the cell, over
 * the group, floored at the head's mean as in {@link Defensive}.
 *
 * <p>Our own. What {@link Defensive} takes from the window's queries where they stand, here is taken from remembered queries
 * of the whole sequence, turned to the positions that come next.
 */
public record Peak() implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.FORESEEN_PEAK);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (int g = 0; g < scores.length; g++) {
            System.arraycopy(head.foreseenPeaks()[g], 0, scores[g], 0, head.cells());
        }
        Defensive.floor(head, scores);
    }

    @Override
    public GroupAggregation aggregation() {
        return GroupAggregation.MAX;
    }
}
