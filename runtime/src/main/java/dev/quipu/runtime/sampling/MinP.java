package dev.quipu.runtime.sampling;

/** Min-p (arXiv 2407.01082): keeps tokens at least p times as likely as the likeliest. */
record MinP(double p, int minKeep) implements SamplerStage {
    @Override
    public void apply(Candidates candidates) {
        if (p <= 0 || candidates.size() == 0) {
            return;
        }
        float least = (float) (candidates.max() + Math.log(p));
        if (!candidates.keepAtLeast(least, minKeep)) {
            candidates.keepTop(Math.max(1, minKeep));
        }
    }
}
