package dev.quipu.kvcache;

import java.util.BitSet;

/**
 * The cells that a policy would keep: one choice, not yet made. It can be applied until the cache changes, and compared with
 * other choices until the cache evicts.
 */
public final class EvictionPlan {
    private final KvLayout layout;
    private final BitSet[][] kept;
    private final int[][] held;
    private final long revision;

    EvictionPlan(KvLayout layout, BitSet[][] kept, KvHeads heads, long revision) {
        this.layout = layout;
        this.kept = kept;
        this.revision = revision;
        held = new int[layout.layers()][layout.kvHeads()];
        for (int i = 0; i < heads.size(); i++) {
            held[i / layout.kvHeads()][i % layout.kvHeads()] = heads.of(i).count();
        }
    }

    /** Cells of a head that stay, as indices in ascending order of position. */
    public BitSet kept(int layer, int kvHead) {
        return (BitSet) kept[layer][kvHead].clone();
    }

    /** Number of cells of a head that stay. */
    public int count(int layer, int kvHead) {
        return kept[layer][kvHead].cardinality();
    }

    /** Number of cells that stay, of all layers and KV heads. */
    public long cells() {
        long cells = 0;
        for (int layer = 0; layer < layout.layers(); layer++) {
            for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
                cells += count(layer, kvHead);
            }
        }
        return cells;
    }

    /** BitSet[layers][kvHeads]: the cells that stay. */
    BitSet[][] kept() {
        return kept;
    }

    /** Cells of a head that go; cells that came after the plan are not among them. */
    BitSet evictedCells(int layer, int kvHead) {
        BitSet evicted = (BitSet) kept[layer][kvHead].clone();
        evicted.flip(0, held[layer][kvHead]);
        return evicted;
    }

    /** Number of the last change that the cache had seen. */
    long revision() {
        return revision;
    }
}
