package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.Statistic;
import java.util.Set;

/**
 * The shape of a cache: per layer and KV head, up to {@code maxPositions} cells of one key and one value each.
 *
 * @param layers transformer layers
 * @param heads query heads of a layer, a multiple of kvHeads; heads / kvHeads neighbouring ones share a KV head
 * @param kvHeads KV heads of a layer
 * @param keyDim channels of a key and of a query, even
 * @param valueDim channels of a value, even
 * @param scale factor of the attention scores, usually 1 / sqrt(keyDim)
 * @param keys encoding of the keys
 * @param values encoding of the values
 * @param maxPositions positions the cache may hold
 */
public record KvLayout(
        int layers,
        int heads,
        int kvHeads,
        int keyDim,
        int valueDim,
        float scale,
        KvType keys,
        KvType values,
        int maxPositions) {

    private static final int MAX_DIM = 4096;

    public KvLayout {
        if (layers < 1 || kvHeads < 1 || heads < kvHeads || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    "%d layers of %d heads over %d KV heads".formatted(layers, heads, kvHeads));
        }
        requireDim("keyDim", keyDim);
        requireDim("valueDim", valueDim);
        if (maxPositions < 1) {
            throw new IllegalArgumentException("maxPositions " + maxPositions);
        }
        if (!(scale > 0) || Float.isInfinite(scale)) {
            throw new IllegalArgumentException("scale " + scale);
        }
    }

    private static void requireDim(String name, int dim) {
        if (dim < 2 || dim % 2 != 0 || dim > MAX_DIM) {
            throw new IllegalArgumentException(name + " " + dim + " is not an even number up to " + MAX_DIM);
        }
    }

    @Override
    public String toString() {
        return "%d positions of %d layers, %d heads over %d KV heads, keys %d x %s, values %d x %s, scale %s"
                .formatted(maxPositions, layers, heads, kvHeads, keyDim, keys, valueDim, values, scale);
    }

    /** Query heads that share a KV head. */
    public int group() {
        return heads / kvHeads;
    }

    /** Bytes a cache without eviction holds for this many positions: all layers, whole tiles of 16 cells. */
    public long bytes(int positions) {
        return Math.multiplyExact((long) layers * kvHeads, KvPage.of(this, 0).bytesOf(positions));
    }

    /** Cells per head, on average, that a budget allows a full cache that knows these statistics about its cells. */
    public int cells(KvBudget budget, Set<Statistic> statistics) {
        long pageBytes = KvPage.of(this, new KvTracking(group(), statistics, true).sideFloats())
                .bytes(KvPage.TILES);
        return Math.min(maxPositions, budget.cells(maxPositions, pageBytes, layers * kvHeads));
    }
}
