package dev.quipu.bench.eviction;

import dev.quipu.runtime.Session;
import java.util.Arrays;

/** What the full cache expects of each of the next tokens: the distributions to which others are compared. */
final class NextTokens {
    private final int[] tokens;
    private final int[] targets;
    private final float[][] logarithms;

    /**
     * Lets the session read the tokens and remembers its distributions.
     *
     * @param tokens those to read and, at the end, one more that is only predicted
     */
    NextTokens(Session full, int[] tokens) {
        this.tokens = Arrays.copyOf(tokens, tokens.length - 1);
        targets = Arrays.copyOfRange(tokens, 1, tokens.length);
        logarithms = new float[targets.length][];
        int first = full.position();
        full.evaluateAll(
                this.tokens, (position, logits) -> logarithms[position - first] = logarithms(logits, logits.clone()));
    }

    private static float[] logarithms(float[] logits, float[] result) {
        double total = total(logits);
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) (logits[i] - total);
        }
        return result;
    }

    /** Logarithm of the sum of exponentials. */
    static double total(float[] logits) {
        float max = logits[best(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }

    static int best(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /**
     * How another session reads the same tokens.
     *
     * @param divergences Kullback-Leibler divergence of its distribution from the full cache's, in nats, per token
     * @param deltaNll how much worse it predicts the text, in nats per token
     * @param agreement share of tokens whose likeliest successor is the same
     */
    record Comparison(double[] divergences, double deltaNll, double agreement) {}

    Comparison compare(Session other) {
        double[] divergences = new double[targets.length];
        double[] delta = new double[targets.length];
        boolean[] same = new boolean[targets.length];
        int first = other.position();
        other.evaluateAll(tokens, (position, logits) -> {
            int t = position - first;
            float[] full = logarithms[t];
            double total = total(logits);
            divergences[t] = divergence(full, logits, total);
            delta[t] = full[targets[t]] - (logits[targets[t]] - total);
            same[t] = best(full) == best(logits);
        });
        int agreeing = 0;
        for (boolean one : same) {
            agreeing += one ? 1 : 0;
        }
        return new Comparison(
                divergences, Arrays.stream(delta).average().orElse(0), (double) agreeing / targets.length);
    }

    private static double divergence(float[] full, float[] logits, double total) {
        double sum = 0;
        for (int i = 0; i < full.length; i++) {
            sum += Math.exp(full[i]) * (full[i] - (logits[i] - total));
        }
        return Math.max(0, sum);
    }
}
