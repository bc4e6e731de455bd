package dev.quipu.runtime.sampling;

import java.util.random.RandomGenerator;

/** Draws by probability. */
record Draw(RandomGenerator random) implements TokenChooser {
    @Override
    public int choose(Candidates candidates) {
        if (candidates.size() == 1) {
            candidates.probabilitiesInPlace();
            return candidates.id(0);
        }
        candidates.probabilitiesInPlace();
        return candidates.id(candidates.draw(random.nextDouble()));
    }

    @Override
    public void reset() {}
}
