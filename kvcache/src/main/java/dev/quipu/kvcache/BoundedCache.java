package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.HeadAllocation;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.LayerAllocation;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.eviction.Threshold;
import dev.quipu.kvcache.eviction.TopK;
import java.util.Optional;

/**
 * Keeps a cache within a budget while it grows: call {@link #shrink} after each committed batch, with the number of tokens by
 * which it may exceed the budget. So it never holds more than budget + slack + one batch, and while generating it evicts once
 * in {@link #slack} tokens. A policy that is free of a budget evicts as often.
 */
public final class BoundedCache {
    private static final int LEAST_SLACK = 64;
    private static final int MOST_SLACK = 640;
    private static final int MOST_SLACK_DEAR = 960;

    private final KvCache cache;
    private final KvPolicy policy;
    private final KvBudget budget;
    private final boolean dear;
    private double cellsThen;

    public BoundedCache(KvCache cache, KvPolicy policy, KvBudget budget) {
        this.cache = cache;
        this.policy = policy;
        this.budget = budget;
        dear = Statistic.dear(policy.needs());
    }

    /**
     * Tokens between evictions while generating: a third of the budget, 64 to 640, so that an eviction, which looks at all
     * cells, costs each token as much as looking at four. Where that is dear, half of the budget, 64 to 960: as much as looking
     * at three.
     */
    public int slack() {
        int cells = cache.budgetCells(budget);
        return dear
                ? Math.clamp(cells / 2, LEAST_SLACK, MOST_SLACK_DEAR)
                : Math.clamp(cells / 3, LEAST_SLACK, MOST_SLACK);
    }

    /** Whether the budget is used up: an eviction comes soon. Allocates nothing. */
    public boolean isFull() {
        return cache.meanCells() >= cache.budgetCells(budget);
    }

    /**
     * Whether {@link #shrink} would evict: more than the slack has come on top of the budget, and since the last time.
     * Allocates nothing.
     */
    public boolean isDue(int slack) {
        double cells = cache.meanCells();
        if (cells < cellsThen) {
            cellsThen = cells;
        }
        boolean over = policy.selection() instanceof Threshold || cells > (double) cache.budgetCells(budget) + slack;
        return over && cells > cellsThen + slack;
    }

    /**
     * Evicts so that no head holds more than so many cells, as far as they are not protected, whatever the policy's
     * allocation: that may let few heads hold nearly all.
     */
    public EvictionReport fit(int cells, TaskRunner runner) {
        KvPolicy capped = policy.withHeads(new HeadAllocation.Capped(cells)).withLayers(new LayerAllocation.Uniform());
        if (policy.selection() instanceof Threshold) {
            capped = capped.withSelection(new TopK());
        }
        EvictionReport report = cache.evict(capped, new KvBudget.All(), runner);
        cellsThen = cache.meanCells();
        return report;
    }

    /** Evicts down to the budget if it is due. */
    public Optional<EvictionReport> shrink(int slack, TaskRunner runner) {
        if (!isDue(slack)) {
            return Optional.empty();
        }
        EvictionReport report = cache.evict(policy, budget, runner);
        cellsThen = cache.meanCells();
        return Optional.of(report);
    }
}
