package dev.quipu.runtime;

import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Statistic;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How a session remembers, and what it may forget.
 *
 * @param keys how keys are stored; empty = F16, or F32 where the model computes in {@code Precision.FLOAT}
 * @param values how values are stored; likewise
 * @param policy what is evicted; empty = nothing
 * @param budget what is kept
 * @param statistics what else the cache is to know about its cells, for {@link Session#plan} and {@link Session#audit}
 */
public record KvOptions(
        Optional<KvType> keys,
        Optional<KvType> values,
        Optional<KvPolicy> policy,
        KvBudget budget,
        Set<Statistic> statistics) {
    private static final KvOptions DEFAULTS =
            new KvOptions(Optional.empty(), Optional.empty(), Optional.empty(), new KvBudget.All(), Set.of());

    public KvOptions {
        statistics = Set.copyOf(statistics);
    }

    /** Everything is kept. */
    public static KvOptions defaults() {
        return DEFAULTS;
    }

    public KvOptions withKeys(KvType type) {
        return new KvOptions(Optional.of(type), values, policy, budget, statistics);
    }

    public KvOptions withValues(KvType type) {
        return new KvOptions(keys, Optional.of(type), policy, budget, statistics);
    }

    /** Evicts by this policy down to this budget. */
    public KvOptions evicting(KvPolicy evicting, KvBudget kept) {
        return new KvOptions(keys, values, Optional.of(evicting), kept, statistics);
    }

    public KvOptions withStatistics(Set<Statistic> known) {
        return new KvOptions(keys, values, policy, budget, known);
    }

    /** All that the cache must know. */
    Set<Statistic> needs() {
        EnumSet<Statistic> needs = EnumSet.noneOf(Statistic.class);
        needs.addAll(statistics);
        policy.ifPresent(evicting -> needs.addAll(evicting.needs()));
        return needs;
    }
}
