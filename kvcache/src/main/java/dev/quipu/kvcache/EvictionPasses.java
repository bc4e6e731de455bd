package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/** Chooses the cells of a sequence that stay, and lets the others go. */
final class EvictionPasses {
    private final KvLayout layout;
    private final KvTracking tracking;
    private final KvHeads heads;
    private final KvSequence sequence;
    private final Evictor evictor;

    /** What the last eviction kept: BitSet[layers][kvHeads]. */
    private final BitSet[][] chosen;

    EvictionPasses(KvLayout layout, KvTracking tracking, KvHeads heads, KvSequence sequence, Evictor evictor) {
        this.layout = layout;
        this.tracking = tracking;
        this.heads = heads;
        this.sequence = sequence;
        this.evictor = evictor;
        chosen = sets();
    }

    /** BitSet[layers][kvHeads] of nothing. */
    private BitSet[][] sets() {
        BitSet[][] sets = new BitSet[layout.layers()][layout.kvHeads()];
        for (BitSet[] layer : sets) {
            Arrays.setAll(layer, kvHead -> new BitSet());
        }
        return sets;
    }

    /** {@link KvCache#plans}. */
    List<EvictionPlan> plans(KvPolicy policy, List<KvBudget> budgets, TaskRunner runner) {
        observe(policy, runner);
        List<EvictionPlan> plans = new ArrayList<>();
        for (KvBudget budget : budgets) {
            BitSet[][] kept = sets();
            evictor.select(policy, cells(budget), sequence.positions(), kept);
            plans.add(new EvictionPlan(layout, kept, heads, sequence.revision()));
        }
        return plans;
    }

    private void observe(KvPolicy policy, TaskRunner runner) {
        if (!tracking.statistics().containsAll(policy.needs())) {
            throw new IllegalArgumentException("policy %s needs %s; the cache knows %s"
                    .formatted(policy.name(), policy.needs(), tracking.statistics()));
        }
        if (sequence.positions() == 0) {
            throw new IllegalStateException("the KV cache is empty");
        }
        evictor.observe(heads, policy, sequence.spans(), sequence.positions(), runner);
    }

    /** Cells per head that a budget allows now, on average. */
    int cells(KvBudget budget) {
        int positions = Math.min(sequence.positions(), layout.maxPositions());
        return budget.cells(positions, heads.store().shape().bytes(KvPage.TILES), heads.size());
    }

    /** {@link KvCache#plan(BitSet[][])}. */
    EvictionPlan plan(BitSet[][] kept) {
        BitSet[][] copy = sets();
        for (int i = 0; i < heads.size(); i++) {
            BitSet cells = kept[i / layout.kvHeads()][i % layout.kvHeads()];
            Objects.checkIndex(cells.length(), heads.of(i).count() + 1);
            copy[i / layout.kvHeads()][i % layout.kvHeads()].or(cells);
        }
        return new EvictionPlan(layout, copy, heads, sequence.revision());
    }

    /** {@link KvCache#apply}. */
    EvictionReport apply(EvictionPlan plan, TaskRunner runner) {
        if (plan.revision() != sequence.revision()) {
            throw new IllegalStateException("the cache has changed since the plan was made");
        }
        return keep(plan.kept(), System.nanoTime(), runner);
    }

    /** {@link KvCache#evict}. */
    EvictionReport evict(KvPolicy policy, KvBudget budget, TaskRunner runner) {
        long start = System.nanoTime();
        observe(policy, runner);
        evictor.select(policy, cells(budget), sequence.positions(), chosen);
        return keep(chosen, start, runner);
    }

    private EvictionReport keep(BitSet[][] kept, long start, TaskRunner runner) {
        long bytes = heads.residentBytes();
        long before = heads.cells();
        heads.compact(kept, runner);
        heads.hideNothing();
        sequence.change();
        return new EvictionReport(before, heads.cells(), bytes, heads.residentBytes(), System.nanoTime() - start);
    }

    /** {@link KvCache#mask}. */
    void mask(EvictionPlan plan) {
        heads.hide(plan);
        sequence.change();
    }

    /** {@link KvCache#audit}. */
    PerturbationTable audit(List<EvictionPlan> plans, int queries, TaskRunner runner) {
        return evictor.audit(heads, plans, queries, sequence.positions(), runner);
    }

    /** {@link KvCache#observe}. */
    HeadObservation observe(int layer, int kvHead, int queries) {
        return evictor.observe(heads, layer, kvHead, queries, sequence.positions());
    }
}
