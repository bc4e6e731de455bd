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
 * @param over how the window's queries combine
 * @param across how the heads of a group combine
 */
public record LeaveOneOut(float floor, Pooling pooling, WindowAggregation over, GroupAggregation across)
        implements Scorer {
    public LeaveOneOut {
        if (!(floor >= 0 && floor < 1)) {
            throw new IllegalArgumentException("floor " + floor);
        }
    }

    public LeaveOneOut(float floor, Pooling pooling) {
        this(floor, pooling, WindowAggregation.MEAN, GroupAggregation.SUM);
    }

    @Override
    public Set<Statistic> needs() {
        return over == WindowAggregation.MEAN
                ? Set.of(Statistic.OUTPUT_ERROR)
                : Set.of(Statistic.WINDOW_ATTENTION, Statistic.OUTPUT_DISTANCE);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        if (over == WindowAggregation.MEAN) {
            means(head, scores);
            return;
        }
        float[] errors = new float[head.cells() * HeadObservation.LANES];
        over.score(head, g -> errors(head.attention()[g], head.distances()[g], errors), pooling, scores);
    }

    private void means(HeadObservation head, float[][] scores) {
        for (int g = 0; g < scores.length; g++) {
            for (int i = 0; i < head.cells(); i++) {
                scores[g][i] = head.outputErrors()[g][i] + floor * head.meanDistances()[g][i];
            }
            pooling.apply(scores[g], head.pooled(), head.spare());
        }
    }

    private float[] errors(float[] attention, float[] distances, float[] errors) {
        for (int i = 0; i < errors.length; i++) {
            errors[i] = (attention[i] + floor) * distances[i];
        }
        return errors;
    }

    @Override
    public GroupAggregation aggregation() {
        return over.across(across);
    }
}
