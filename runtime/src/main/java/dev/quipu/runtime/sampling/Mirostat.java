package dev.quipu.runtime.sampling;

import java.util.random.RandomGenerator;

/**
 * Mirostat 1 (arXiv 2007.14966, algorithm 1): estimates how steeply probabilities fall, and keeps the k tokens that give
 * the surprise aimed at. Chooses the token itself.
 */
final class Mirostat implements TokenChooser {
    private static final int ESTIMATED_FROM = 100;

    private final double target;
    private final double learningRate;
    private final RandomGenerator random;
    private final int vocabulary;
    private double mu;

    /** @param target surprise aimed at, in bits (τ) */
    Mirostat(double target, double learningRate, RandomGenerator random, int vocabulary) {
        this.target = target;
        this.learningRate = learningRate;
        this.random = random;
        this.vocabulary = vocabulary;
        mu = 2 * target;
    }

    @Override
    public int choose(Candidates candidates) {
        candidates.softmax();
        double products = 0;
        double squares = 0;
        for (int i = 0; i < Math.min(ESTIMATED_FROM, candidates.size()) - 1; i++) {
            double t = Math.log((i + 2.0) / (i + 1));
            double b = Math.log(candidates.probability(i) / candidates.probability(i + 1));
            products += t * b;
            squares += t * t;
        }
        double steepness = products / squares;
        double excess = steepness - 1;
        double k = Math.pow(excess * Math.pow(2, mu) / (1 - Math.pow(vocabulary, -excess)), 1 / steepness);
        // One candidate alone, or equal ones, leave the steepness undefined.
        candidates.keepTop(Double.isNaN(k) ? candidates.size() : (int) Math.clamp(k, 1, candidates.size()));
        candidates.softmax();
        int place = candidates.draw(random.nextDouble());
        double surprise = -Math.log(candidates.probability(place)) / Math.log(2);
        mu -= learningRate * (surprise - target);
        return candidates.id(place);
    }

    @Override
    public void reset() {
        mu = 2 * target;
    }
}
