package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * The worst case of what may come: the largest attention that any query of {@link Foresight}'s forecast pays to the cell.
 *
 * <p>Our own. What {@link Defensive} takes from the window's queries where they stand, here is taken from remembered queries
 * of the whole sequence, turned to the positions that come next.
 */
public record Peak() implements WorstCase {
    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.FORESEEN_PEAK);
    }

    @Override
    public void worst(HeadObservation head, float[][] scores) {
        for (int g = 0; g < scores.length; g++) {
            System.arraycopy(head.foreseenPeaks()[g], 0, scores[g], 0, head.cells());
        }
    }
}
