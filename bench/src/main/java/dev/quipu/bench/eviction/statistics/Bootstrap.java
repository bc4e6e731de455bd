package dev.quipu.bench.eviction.statistics;

import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * Intervals by drawing documents anew, with replacement (Efron's percentile bootstrap). The draws depend on the seed and the
 * number of documents only, so that two policies measured on the same documents are compared draw by draw: paired.
 *
 * @param draws how often
 * @param seed of the draws
 */
public record Bootstrap(int draws, long seed) {
    /** Share of the draws outside the interval, on each side. */
    private static final double TAIL = 0.025;

    public Bootstrap {
        if (draws < 1) {
            throw new IllegalArgumentException(draws + " draws");
        }
    }

    /**
     * @param documents how many there are; for none everything is NaN
     * @param statistic of a choice of documents, given by their indices
     */
    public Interval interval(int documents, ToDoubleFunction<int[]> statistic) {
        if (documents == 0) {
            return new Interval(Double.NaN, Double.NaN, Double.NaN);
        }
        int[] all = new int[documents];
        for (int i = 0; i < documents; i++) {
            all[i] = i;
        }
        double value = statistic.applyAsDouble(all);
        Random random = new Random(seed);
        double[] drawn = new double[draws];
        int[] choice = new int[documents];
        for (int draw = 0; draw < draws; draw++) {
            for (int i = 0; i < documents; i++) {
                choice[i] = random.nextInt(documents);
            }
            drawn[draw] = statistic.applyAsDouble(choice);
        }
        return new Interval(value, Quantiles.of(drawn, TAIL), Quantiles.of(drawn, 1 - TAIL));
    }

    /** Of a mean: one number a document. */
    public Interval mean(double[] values) {
        return interval(values.length, choice -> {
            double sum = 0;
            for (int i : choice) {
                sum += values[i];
            }
            return sum / choice.length;
        });
    }
}
