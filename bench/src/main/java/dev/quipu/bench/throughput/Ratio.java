package dev.quipu.bench.throughput;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How our speed relates to a peer's: the ratio of the medians, and the interval that holds 95 % of the ratios of
 * resampled measurements (bootstrap; ours and the peer's of one turn stay together, as they saw the same machine).
 */
record Ratio(double value, double low, double high) {
    private static final int RESAMPLES = 10_000;
    private static final int SEED = 1;

    /** Both in the order of measurement, as many of one as of the other. */
    static Ratio of(double[] ours, double[] peers) {
        if (ours.length != peers.length) {
            throw new IllegalArgumentException(ours.length + " measurements, " + peers.length + " of the peer");
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] ratios = new double[RESAMPLES];
        double[] a = new double[ours.length];
        double[] b = new double[ours.length];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int j = 0; j < a.length; j++) {
                int pick = random.nextInt(a.length);
                a[j] = ours[pick];
                b[j] = peers[pick];
            }
            ratios[i] = new Samples(a).median() / new Samples(b).median();
        }
        Arrays.sort(ratios);
        return new Ratio(
                new Samples(ours).median() / new Samples(peers).median(),
                ratios[RESAMPLES / 40],
                ratios[RESAMPLES - 1 - RESAMPLES / 40]);
    }
}
