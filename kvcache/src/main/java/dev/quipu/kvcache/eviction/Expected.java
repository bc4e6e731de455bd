package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * The attention that future queries are expected to pay: with scores that are normal over queries, of mean mu and variance
 * s, the expectation of their exponential is {@code exp(mu + s / 2)}. Mean and variance are those of the logarithm of the
 * attention over the window's queries, which is {@code q k / sqrt(d)} but for each query's own sum.
 *
 * <p>Based on Devoto et al., "Expected Attention", arXiv 2510.00636, section 3. Differs: queries of the observation window
 * after RoPE, where the paper averages RoPE over positions to come; no factor of the value's norm, which {@link Critical}
 * brings.
 */
public record Expected() implements Scorer {
    /** Attention below this counts as this. */
    private static final float LEAST = 1e-20f;

    @Override
    public Set<Statistic> needs() {
        return Set.of(Statistic.WINDOW_ATTENTION);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (int g = 0; g < scores.length; g++) {
            for (int i = 0; i < head.cells(); i++) {
                scores[g][i] = expectation(head, head.attention()[g], i);
            }
        }
    }

    private static float expectation(HeadObservation head, float[] attention, int cell) {
        double sum = 0;
        double squares = 0;
        for (int lane : head.lanes()) {
            double log = Math.log(Math.max(LEAST, attention[cell * HeadObservation.LANES + lane]));
            sum += log;
            squares += log * log;
        }
        double mean = sum / head.lanes().length;
        double variance = Math.max(0, squares / head.lanes().length - mean * mean);
        return (float) Math.min(Float.MAX_VALUE / head.group(), Math.exp(mean + variance / 2));
    }
}
