package dev.quipu.cli.perplexity;

/** What softmax needs of a row of logits: log p of a token is its logit minus {@code max} minus {@code logSum}. */
record Softmax(float max, int argmax, double logSum) {
    static Softmax of(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        float max = logits[best];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return new Softmax(max, best, Math.log(sum));
    }

    /** Negative log of the probability of a token with this logit. */
    double surprise(float logit) {
        return max + logSum - logit;
    }
}
