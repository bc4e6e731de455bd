package dev.quipu.bench.eviction.statistics;

import java.util.Arrays;

/** Quantiles with linear interpolation between order statistics (Hyndman and Fan's type 7). */
public final class Quantiles {
    private Quantiles() {}

    /** @param q 0 to 1 */
    public static double of(double[] values, double q) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return ofSorted(sorted, q);
    }

    static double ofSorted(double[] sorted, double q) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double place = q * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
