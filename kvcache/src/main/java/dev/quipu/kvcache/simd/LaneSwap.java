package dev.quipu.kvcache.simd;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors by which {@code selectFrom} exchanges lanes: for sums over lanes in a fixed order, the same whoever compiled them.
 * {@code reduceLanes} has none: the interpreter adds lane by lane, C2 as it likes.
 */
public final class LaneSwap {
    private LaneSwap() {}

    /** By which lanes {@code distance} apart, a power of two, change places; where a vector has that many. */
    public static IntVector of(VectorSpecies<Integer> species, int distance) {
        int[] lanes = new int[species.length()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = (i ^ distance) % lanes.length;
        }
        return IntVector.fromArray(species, lanes, 0);
    }
}
