package dev.quipu.kvcache;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.util.Optional;
import java.util.Set;

/**
 * What a cache knows about its model, and what it is to know about its cells. Forks share it.
 *
 * @param projection the model's W_O, where anything asks for it
 * @param halves what passes have made of the projection, for {@link ValueNorms}: float[layers * heads][]
 */
record KvModel(
        KvLayout layout,
        AttentionKernels kernels,
        KvTracking tracking,
        Optional<OutputProjection> projection,
        RotaryPairs rotary,
        float[][] halves) {

    /** For {@link KvCache#create}. */
    static KvModel of(
            KvLayout layout,
            Optional<SimdWidth> width,
            Set<Statistic> statistics,
            Optional<OutputProjection> projection,
            RotaryPairs rotary,
            boolean movable) {
        KvTracking tracking = new KvTracking(layout.group(), statistics, movable);
        if (tracking.projection() && projection.isEmpty()) {
            throw new IllegalArgumentException(statistics + " need the output projection");
        }
        AttentionKernels kernels =
                AttentionKernels.choose(layout.keys().codec(), layout.values().codec(), width);
        Optional<OutputProjection> needed = tracking.projection() ? projection : Optional.empty();
        return new KvModel(layout, kernels, tracking, needed, rotary, new float[layout.layers() * layout.heads()][0]);
    }
}
