package dev.quipu.bench.eviction;

import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.runtime.KvOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.SessionOptions;
import java.util.BitSet;
import java.util.Set;

/** Sessions of one model, and what their caches weigh. */
final class Caches {
    private static final int PAGE_CELLS = 64;

    private final Model model;
    private final Rows reference;

    /** @param reference rows in whose bytes budgets are given */
    Caches(Model model, Rows reference) {
        this.model = model;
        this.reference = reference;
    }

    Model model() {
        return model;
    }

    Session open(Rows rows, Set<Statistic> statistics, int tokens) {
        KvOptions kv = KvOptions.defaults()
                .withKeys(rows.keys())
                .withValues(rows.values())
                .withStatistics(statistics);
        return model.newSession(
                SessionOptions.defaults().withContextTokens(tokens).withKv(kv));
    }

    /** Bytes of a page of 64 keys and values of one head. */
    private long pageBytes(Rows rows) {
        KvLayout layout = new KvLayout(
                1,
                1,
                1,
                model.config().keyLength(),
                model.config().valueLength(),
                1,
                rows.keys(),
                rows.values(),
                PAGE_CELLS);
        return layout.bytes(PAGE_CELLS);
    }

    /** Cells per head that weigh as much as this share of a full cache of the reference's rows. */
    int cells(double budget, int tokens, Rows rows) {
        double cells = budget * tokens * pageBytes(reference) / pageBytes(rows);
        return Math.max(1, (int) Math.round(cells));
    }

    /** Bytes of the pages that a plan keeps, statistics of policies not counted. */
    long bytes(EvictionPlan plan, Rows rows) {
        long pages = 0;
        for (int layer = 0; layer < model.config().layers(); layer++) {
            for (int kvHead = 0; kvHead < model.config().kvHeads(); kvHead++) {
                pages += (plan.count(layer, kvHead) + PAGE_CELLS - 1) / PAGE_CELLS;
            }
        }
        return pages * pageBytes(rows);
    }

    /** Bytes of a cache that keeps all of these tokens. */
    long fullBytes(int tokens, Rows rows) {
        long pages = (tokens + PAGE_CELLS - 1) / PAGE_CELLS;
        return pages * model.config().layers() * model.config().kvHeads() * pageBytes(rows);
    }

    /** What a plan keeps, as a key: plans that keep the same do the same. */
    BitSet kept(EvictionPlan plan, int tokens) {
        BitSet kept = new BitSet();
        for (int layer = 0; layer < model.config().layers(); layer++) {
            for (int kvHead = 0; kvHead < model.config().kvHeads(); kvHead++) {
                int offset = (layer * model.config().kvHeads() + kvHead) * tokens;
                plan.kept(layer, kvHead).stream().forEach(cell -> kept.set(offset + cell));
            }
        }
        return kept;
    }
}
