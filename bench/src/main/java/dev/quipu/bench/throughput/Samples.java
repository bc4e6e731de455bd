package dev.quipu.bench.throughput;

import java.util.Arrays;

/**
 * Repeated measurements of one quantity.
 *
 * @param values at least one
 */
record Samples(double[] values) {
    Samples {
        if (values.length == 0) {
            throw new IllegalArgumentException("no samples");
        }
    }

    double mean() {
        return Arrays.stream(values).average().orElseThrow();
    }

    /** Of a sample: divided by n - 1; 0 if there is but one. */
    double standardDeviation() {
        if (values.length < 2) {
            return 0;
        }
        double mean = mean();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / (values.length - 1));
    }

    double median() {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
