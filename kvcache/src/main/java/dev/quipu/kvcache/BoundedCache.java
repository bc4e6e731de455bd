package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import java.util.Optional;

/**
 * Keeps a cache within a budget while it grows: call {@link #shrink} after each committed batch. In between, the cache may
 * grow by {@code slack} tokens; so it never holds more than budget + slack + one batch, and while generating it evicts once
 * in {@code slack} tokens.
 */
public final class BoundedCache {
    /** Tokens between evictions while generating. */
    public static final int SLACK = 64;

    private final KvCache cache;
    private final KvPolicy policy;
    private final KvBudget budget;
    private final TaskRunner runner;
    private final int slack;

    /** @param slack tokens by which the cache may exceed the budget, 0 or more */
    public BoundedCache(KvCache cache, KvPolicy policy, KvBudget budget, TaskRunner runner, int slack) {
        if (slack < 0) {
            throw new IllegalArgumentException("slack of " + slack + " tokens");
        }
        this.cache = cache;
        this.policy = policy;
        this.budget = budget;
        this.runner = runner;
        this.slack = slack;
    }

    /** Whether {@link #shrink} would evict. Allocates nothing. */
    public boolean isDue() {
        return cache.meanCells() > (double) cache.budgetCells(budget) + slack;
    }

    /** Evicts down to the budget if more than the slack has come on top of it. */
    public Optional<EvictionReport> shrink() {
        return isDue() ? Optional.of(cache.evict(policy, budget, runner)) : Optional.empty();
    }
}
