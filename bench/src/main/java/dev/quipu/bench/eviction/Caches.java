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
    /** Cells that leave nothing of their tiles unused. */
    private static final int WHOLE = 64;

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

    /** One head whose rows are these. */
    private KvLayout head(Rows rows) {
        return new KvLayout(
                1,
                1,
                1,
                model.config().keyLength(),
                model.config().valueLength(),
                1,
                rows.keys(),
                rows.values(),
                Integer.MAX_VALUE);
    }

    /** Cells per head that weigh as much as this share of a full cache of the reference's rows. */
    int cells(double budget, int tokens, Rows rows) {
        double cells =
                budget * tokens * head(reference).bytes(WHOLE) / head(rows).bytes(WHOLE);
        return Math.max(1, (int) Math.round(cells));
    }

    /** Bytes of the pages that a plan keeps, statistics of policies not counted. */
    long bytes(EvictionPlan plan, Rows rows) {
        KvLayout head = head(rows);
        long bytes = 0;
        for (int layer = 0; layer < model.config().layers(); layer++) {
            for (int kvHead = 0; kvHead < model.config().kvHeads(); kvHead++) {
                bytes += head.bytes(plan.count(layer, kvHead));
            }
        }
        return bytes;
    }

    /** Bytes of a cache that keeps all of these tokens. */
    long fullBytes(int tokens, Rows rows) {
        return (long) model.config().layers()
                * model.config().kvHeads()
                * head(rows).bytes(tokens);
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
