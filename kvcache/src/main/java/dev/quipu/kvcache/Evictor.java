package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.Eviction;
import dev.quipu.kvcache.eviction.Foresight;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The eviction pass over all layers and heads of one cache: observe, score, select. */
final class Evictor {
    private final KvModel model;
    private final KvLayout layout;
    private final KvStore store;
    private final @Nullable RememberedQueries queries;
    private final SegmentAllocator memory;
    private final List<Observer> observers = new ArrayList<>();
    private final Eviction eviction;

    /** Cells of each head. */
    private final int[] counts;

    Evictor(KvModel model, KvStore store, @Nullable RememberedQueries queries, SegmentAllocator memory) {
        this.model = model;
        this.store = store;
        this.queries = queries;
        this.memory = memory;
        layout = model.layout();
        eviction = new Eviction(layout.layers(), layout.kvHeads());
        counts = new int[layout.layers() * layout.kvHeads()];
    }

    /**
     * Looks at all cells and scores them.
     *
     * @param spans positions that stay
     * @param end tokens seen so far
     */
    void observe(KvHeads heads, KvPolicy policy, BitSet spans, int end, TaskRunner runner) {
        prepare(runner.workers());
        Foresight foresight = policy.scorer() instanceof Foresight scorer ? scorer : Foresight.DEFAULT;
        Set<Statistic> needs = policy.needs();
        for (Observer observer : observers) {
            observer.prepare(needs, policy.window(), end, foresight);
        }
        Arrays.setAll(counts, index -> heads.of(index).count());
        eviction.begin(policy, layout.group(), counts);
        runner.run(heads.size(), (index, worker) -> {
            int layer = index / layout.kvHeads();
            int kvHead = index % layout.kvHeads();
            Observer observer = observers.get(worker);
            eviction.observe(
                    observer.observe(heads.of(index), layer, kvHead, policy.window(), end), policy, spans, end);
        });
        eviction.end(policy);
    }

    /**
     * The cells that stay, of those that were observed last.
     *
     * @param cells budget, per head
     * @param end tokens seen so far
     * @param kept BitSet[layers][kvHeads], receives them
     */
    void select(KvPolicy policy, int cells, int end, BitSet[][] kept) {
        eviction.select(policy, cells, end, kept);
    }

    /** {@link KvCache#audit}. */
    PerturbationTable audit(KvHeads heads, List<EvictionPlan> plans, int judges, int end, TaskRunner runner) {
        KvTracking tracking = model.tracking();
        if (!tracking.has(Statistic.WINDOW_ATTENTION) || !tracking.has(Statistic.VALUE_NORM) || queries == null) {
            throw new IllegalStateException("an audit needs window attention and value norms");
        }
        prepare(runner.workers());
        Set<Statistic> wanted = Set.of(Statistic.WINDOW_ATTENTION, Statistic.VALUE_NORM);
        observers.forEach(observer -> observer.prepare(wanted, judges, end, Foresight.DEFAULT));
        OutputProjection port = model.projection().orElseThrow();
        PerturbationTable table = new PerturbationTable(layout, plans.size(), queries.positions(judges, end));
        try (Arena memory = Arena.ofShared()) {
            PerturbationAudit[] audits = new PerturbationAudit[runner.workers()];
            Arrays.setAll(audits, worker -> new PerturbationAudit(layout, model.kernels(), port, memory));
            runner.run(heads.size(), (index, worker) -> {
                int layer = index / layout.kvHeads();
                int kvHead = index % layout.kvHeads();
                Observer observer = observers.get(worker);
                HeadObservation head = observer.observe(heads.of(index), layer, kvHead, 0, end);
                BitSet[] evicted = plans.stream()
                        .map(plan -> plan.evictedCells(layer, kvHead))
                        .toArray(BitSet[]::new);
                audits[worker].measure(head, observer, heads.of(index), evicted, table);
            });
        }
        return table;
    }

    /** What is known about a head's cells. Its arrays are the observer's. */
    HeadObservation observe(KvHeads heads, int layer, int kvHead, int recent, int end) {
        prepare(1);
        observers.getFirst().prepare(model.tracking().statistics(), recent, end, Foresight.DEFAULT);
        return observers.getFirst().observe(heads.of(layer, kvHead), layer, kvHead, 0, end);
    }

    /** Makes observers for this many workers. */
    void prepare(int workers) {
        while (observers.size() < workers) {
            observers.add(new Observer(model, store, queries, memory));
        }
    }
}
