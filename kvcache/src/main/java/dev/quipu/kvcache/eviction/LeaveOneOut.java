package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * What the output loses with the cell: without cell i the output of query j moves by
 * {@code A_ji / (1 - A_ji) * || (v_i - y_j) W_O ||}. The score is the mean over the window of
 * {@code (A_ji + floor) * || (v_i - y_j) W_O ||_2}.
 *
 * <p>Our own. Unlike {@code A u} it does not change when a constant is added to all values, as the perturbation itself does
 * not. Related: DropKV, OBCache, CAOTE (leave-one-out errors of the head's output).
 *
 * @param floor attention that every cell is granted, which guards against queries unlike the window's; 0 for none
 * @param pooling of the mean
 */
public record LeaveOneOut(float floor, Pooling pooling) implements Scorer {
    public LeaveOneOut {
        if (!(floor >= 0 && floor < 1)) {
            throw new IllegalArgumentException("floor " + floor);
        }
    }

    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.WINDOW_ATTENTION, Statistic.OUTPUT_DISTANCE);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (int g = 0; g < scores.length; g++) {
            score(head, head.attention()[g], head.distances()[g], scores[g]);
            pooling.apply(scores[g], head.pooled());
        }
    }

    private void score(HeadObservation head, float[] attention, float[] distances, float[] scores) {
        float share = 1f / head.lanes().length;
        for (int i = 0; i < head.cells(); i++) {
            float sum = 0;
            for (int lane : head.lanes()) {
                int at = i * HeadObservation.LANES + lane;
                sum += (attention[at] + floor) * distances[at];
            }
            scores[i] = sum * share;
        }
    }
}
