package dev.quipu.runtime.sampling;

import java.util.random.RandomGenerator;

/**
 * XTC, "exclude top choices" (p-e-w, text-generation-webui pull request 6335): with some probability drops all tokens above
 * a threshold but the least likely of them.
 */
final class Xtc implements SamplerStage {
    private final double probability;
    private final double threshold;
    private final int minKeep;
    private final RandomGenerator random;

    Xtc(double probability, double threshold, int minKeep, RandomGenerator random) {
        this.probability = probability;
        this.threshold = threshold;
        this.minKeep = minKeep;
        this.random = random;
    }

    @Override
    public void apply(Candidates candidates) {
        if (probability <= 0 || threshold > 0.5 || candidates.size() < 2 || random.nextDouble() > probability) {
            return;
        }
        candidates.softmax();
        int last = 0;
        while (last + 1 < candidates.size() && candidates.probability(last + 1) >= threshold) {
            last++;
        }
        if (last > 0 && candidates.size() - last >= minKeep) {
            candidates.dropFirst(last);
        }
    }
}
