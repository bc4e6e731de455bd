package dev.quipu.cli.perplexity;

import java.util.Arrays;

/** Values by rank. */
final class Quantiles {
    /** The ranks that reports show, highest first. */
    enum Named {
        MAXIMUM("Maximum", 1, true),
        OF_999("99.9%  ", 0.999, true),
        OF_990("99.0%  ", 0.99, true),
        OF_950("95.0%  ", 0.95, true),
        OF_900("90.0%  ", 0.9, true),
        OF_750("75.0%  ", 0.75, false),
        MEDIAN("Median ", 0.5, true),
        OF_250("25.0%  ", 0.25, false),
        OF_100("10.0%  ", 0.1, true),
        OF_50(" 5.0%  ", 0.05, true),
        OF_10(" 1.0%  ", 0.01, true),
        OF_1(" 0.1%  ", 0.001, true),
        MINIMUM("Minimum", 0, true);

        private final String label;
        private final double fraction;
        private final boolean ofDivergence;

        Named(String label, double fraction, boolean ofDivergence) {
            this.label = label;
            this.fraction = fraction;
            this.ofDivergence = ofDivergence;
        }

        String label() {
            return label;
        }

        boolean ofDivergence() {
            return ofDivergence;
        }
    }

    private final float[] sorted;

    Quantiles(float[] values) {
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    /** Between two ranks, in proportion. */
    double at(Named quantile) {
        double rank = quantile.fraction * (sorted.length - 1);
        int below = (int) rank;
        double part = rank - below;
        return (1 - part) * sorted[below] + part * sorted[Math.min(below + 1, sorted.length - 1)];
    }
}
