package dev.quipu.kvcache.eviction;

import java.util.function.IntFunction;

/** How what a cell is worth to each query of the observation window becomes one number. */
public enum WindowAggregation {
    /** The expected worth, if queries to come are like those of the window. */
    MEAN,
    /** The mean of squares: what few queries want very much counts more. */
    SQUARE,
    /** The geometric mean of the mean and of the root of the mean of squares, each first summed over the group. */
    MIX,
    /** The worst case. */
    MAX;

    /**
     * Writes {@code scores[group][cells]}, pooled.
     *
     * @param rows float[cells * 32] of a query head, by lane; may be the same array each time
     */
    void score(HeadObservation head, IntFunction<float[]> rows, Pooling pooling, float[][] scores) {
        if (this == MIX) {
            mix(head, rows, pooling, scores);
            return;
        }
        for (int g = 0; g < scores.length; g++) {
            aggregate(head, rows.apply(g), scores[g]);
            pooling.apply(scores[g], head.pooled(), head.spare());
        }
    }

    private void aggregate(HeadObservation head, float[] rows, float[] result) {
        float share = 1f / head.lanes().length;
        for (int i = 0; i < head.cells(); i++) {
            int at = i * HeadObservation.LANES;
            result[i] = switch (this) {
                case MEAN, MIX -> sum(rows, at, head.lanes()) * share;
                case SQUARE -> squares(rows, at, head.lanes()) * share;
                case MAX -> largest(rows, at, head.lanes());
            };
        }
    }

    private static float sum(float[] rows, int at, int[] lanes) {
        float sum = 0;
        for (int lane : lanes) {
            sum += rows[at + lane];
        }
        return sum;
    }

    private static float squares(float[] rows, int at, int[] lanes) {
        float sum = 0;
        for (int lane : lanes) {
            sum += rows[at + lane] * rows[at + lane];
        }
        return sum;
    }

    private static float largest(float[] rows, int at, int[] lanes) {
        float largest = 0;
        for (int lane : lanes) {
            largest = Math.max(largest, rows[at + lane]);
        }
        return largest;
    }

    /** Every head of the group gets the group's number. */
    private static void mix(HeadObservation head, IntFunction<float[]> rows, Pooling pooling, float[][] scores) {
        MEAN.score(head, rows, pooling, scores);
        float[] means = GroupAggregation.SUM.combine(scores, head.cells());
        SQUARE.score(head, rows, pooling, scores);
        float[] squares = GroupAggregation.SUM.combine(scores, head.cells());
        for (int i = 0; i < head.cells(); i++) {
            float mixed = (float) Math.sqrt(means[i] * Math.sqrt(squares[i]));
            for (float[] score : scores) {
                score[i] = mixed;
            }
        }
    }

    /** How the scores of a group's query heads combine: those of {@link #MIX} are the group's already. */
    GroupAggregation across(GroupAggregation wanted) {
        return this == MIX ? GroupAggregation.MAX : wanted;
    }
}
