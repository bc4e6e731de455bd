package dev.quipu.cli.perplexity;

/** The perplexity over all tokens seen so far. */
public final class Perplexity {
    private int count;
    private double sum;
    private double squares;

    /** Scores a token by the logits before it. */
    public void add(float[] logits, int next) {
        double surprise = Softmax.of(logits).surprise(logits[next]);
        sum += surprise;
        squares += surprise * surprise;
        count++;
    }

    public double value() {
        return Math.exp(sum / count);
    }

    /** Standard error of the perplexity. */
    public double error() {
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        return variance > 0 && count > 1 ? Math.sqrt(variance / (count - 1)) * value() : 0;
    }
}
