package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * The floor every method must beat: a number that depends on seed, layer, head and position only.
 *
 * @param seed seed of the numbers
 */
public record RandomScore(long seed) implements Scorer {
    @Override
    public Set<Statistic> needs() {
        return Set.of();
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (int i = 0; i < head.cells(); i++) {
            long cell = ((long) head.layer() << 48) ^ ((long) head.kvHead() << 32) ^ head.positions()[i];
            float number = (mix(seed ^ mix(cell)) >>> 40) * 0x1p-24f;
            for (float[] score : scores) {
                score[i] = number;
            }
        }
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
    private static long mix(long z) {
        z += 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
