package dev.quipu.runtime.sampling;

import java.util.random.RandomGenerator;

/**
 * Mirostat 2 (arXiv 2007.14966, algorithm 2): drops tokens more surprising than μ, and moves μ by what was chosen. Chooses
 * the token itself.
 */
final class Mirostat2 implements TokenChooser {
    private final double target;
    private final double learningRate;
    private final RandomGenerator random;
    private double mu;

    /** @param target surprise aimed at, in bits (τ) */
    Mirostat2(double target, double learningRate, RandomGenerator random) {
        this.target = target;
        this.learningRate = learningRate;
        this.random = random;
        mu = 2 * target;
    }

    @Override
    public int choose(Candidates candidates) {
        candidates.softmax();
        int kept = 1;
        while (kept < candidates.size() && bits(candidates.probability(kept)) <= mu) {
            kept++;
        }
        candidates.truncate(kept);
        candidates.softmax();
        int place = candidates.draw(random.nextDouble());
        mu -= learningRate * (bits(candidates.probability(place)) - target);
        return candidates.id(place);
    }

    private static double bits(double probability) {
        return -Math.log(probability) / Math.log(2);
    }

    @Override
    public void reset() {
        mu = 2 * target;
    }
}
