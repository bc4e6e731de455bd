package dev.quipu.runtime.sampling;

import java.util.Arrays;

/**
 * Locally typical sampling (arXiv 2202.00666): keeps the tokens whose surprise is nearest to the expected one, until their
 * probabilities sum to more than p.
 */
final class Typical implements SamplerStage {
    private final double p;
    private final int minKeep;
    private final long[] order;
    private final int[] places;

    Typical(double p, int minKeep, int vocabulary) {
        this.p = p;
        this.minKeep = minKeep;
        order = new long[vocabulary];
        places = new int[vocabulary];
    }

    @Override
    public void apply(Candidates candidates) {
        if (p >= 1) {
            return;
        }
        candidates.softmax();
        double entropy = 0;
        for (int i = 0; i < candidates.size(); i++) {
            double probability = candidates.probability(i);
            entropy -= probability > 0 ? probability * Math.log(probability) : 0;
        }
        for (int i = 0; i < candidates.size(); i++) {
            float distance = (float) Math.abs(-Math.log(candidates.probability(i)) - entropy);
            order[i] = (long) Float.floatToIntBits(distance) << 32 | i;
        }
        Arrays.sort(order, 0, candidates.size());
        double sum = 0;
        int count = 0;
        while (count < candidates.size()) {
            places[count] = (int) order[count];
            sum += candidates.probability(places[count]);
            count++;
            if (sum > p && count >= minKeep) {
                break;
            }
        }
        candidates.keep(places, count, false);
    }
}
