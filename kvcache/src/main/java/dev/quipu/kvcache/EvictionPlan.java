package dev.quipu.kvcache;

import java.util.BitSet;

/** The cells that a policy would keep: one choice, not yet made. Valid until the cache changes. */
public final class EvictionPlan {
    private final KvLayout layout;
    private final BitSet[][] kept;
    private final int revision;

    EvictionPlan(KvLayout layout, BitSet[][] kept, int revision) {
        this.layout = layout;
        this.kept = kept;
        this.revision = revision;
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

    BitSet keptCells(int layer, int kvHead) {
        return kept[layer][kvHead];
    }

    /** Number of changes the cache had seen. */
    int revision() {
        return revision;
    }
}
