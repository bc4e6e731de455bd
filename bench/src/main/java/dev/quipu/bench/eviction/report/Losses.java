package dev.quipu.bench.eviction.report;

import java.util.Arrays;

/**
 * The perturbations of two policies on the same documents.
 *
 * @param own double[documents][query heads]
 * @param other likewise
 */
record Losses(double[][] own, double[][] other) {
    static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** Share of heads whose L, averaged over these documents, is below the other's. */
    double shareBelow(int[] documents) {
        double[] a = sums(own, documents);
        double[] b = sums(other, documents);
        int below = 0;
        for (int h = 0; h < a.length; h++) {
            below += a[h] < b[h] ? 1 : 0;
        }
        return (double) below / a.length;
    }

    /** Mean L over the other's. */
    double ratio(int[] documents) {
        return Arrays.stream(sums(own, documents)).sum()
                / Arrays.stream(sums(other, documents)).sum();
    }

    /** The same of each head, over all documents. */
    double[] ratios() {
        int[] all = new int[own.length];
        Arrays.setAll(all, i -> i);
        double[] a = sums(own, all);
        double[] b = sums(other, all);
        for (int h = 0; h < a.length; h++) {
            a[h] /= b[h];
        }
        return a;
    }

    private static double[] sums(double[][] losses, int[] documents) {
        double[] sums = new double[losses[0].length];
        for (int document : documents) {
            for (int h = 0; h < sums.length; h++) {
                sums[h] += losses[document][h];
            }
        }
        return sums;
    }

    /** With the heads of a group summed. */
    Losses grouped(int group) {
        return new Losses(grouped(own, group), grouped(other, group));
    }

    private static double[][] grouped(double[][] losses, int group) {
        double[][] result = new double[losses.length][losses[0].length / group];
        for (int d = 0; d < losses.length; d++) {
            for (int h = 0; h < result[d].length * group; h++) {
                result[d][h / group] += losses[d][h];
            }
        }
        return result;
    }
}
