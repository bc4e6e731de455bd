package dev.quipu.runtime.sampling;

/** Top-nσ (arXiv 2411.07641): keeps logits within n standard deviations of the highest. */
final class TopNSigma implements SamplerStage {
    private final float n;

    TopNSigma(float n) {
        this.n = n;
    }

    @Override
    public void apply(Candidates candidates) {
        if (n <= 0 || candidates.size() <= 1) {
            return;
        }
        double sum = 0;
        int finite = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.logit(i) != Float.NEGATIVE_INFINITY) {
                sum += candidates.logit(i);
                finite++;
            }
        }
        if (finite == 0) {
            return;
        }
        double mean = sum / finite;
        double squares = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.logit(i) != Float.NEGATIVE_INFINITY) {
                squares += (candidates.logit(i) - mean) * (candidates.logit(i) - mean);
            }
        }
        candidates.keepAtLeast((float) (candidates.max() - n * Math.sqrt(squares / finite)), 1);
    }
}
