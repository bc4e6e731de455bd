package dev.quipu.runtime.sampling;

/** Nucleus sampling (arXiv 1904.09751): keeps the fewest likely tokens whose probabilities sum to p. */
record TopP(double p, int minKeep) implements SamplerStage {
    @Override
    public void apply(Candidates candidates) {
        if (p >= 1) {
            return;
        }
        candidates.softmax();
        double sum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            sum += candidates.probability(i);
            if (sum >= p && i + 1 >= minKeep) {
                candidates.truncate(i + 1);
                return;
            }
        }
    }
}
