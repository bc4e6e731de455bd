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
 * @param chunked whether to evict between the chunks of a prompt as well, so that memory never exceeds the budget by more
 *     than two chunks; else a prompt is read whole before anything of it is forgotten, as far as the context holds it
 * @param endless whether the session goes on when the model's context ends: what is kept gets new places in it then. Else
 *     places go on beyond the context
 * @param statistics what else the cache is to know about its cells, for {@link Session#plan} and {@link Session#audit}
 */
public record KvOptions(
        Optional<KvType> keys,
        Optional<KvType> values,
        Optional<KvPolicy> policy,
        KvBudget budget,
        boolean chunked,
        boolean endless,
        Set<Statistic> statistics) {
    private static final KvOptions DEFAULTS = new KvOptions(
            Optional.empty(), Optional.empty(), Optional.empty(), new KvBudget.All(), false, true, Set.of());

    public KvOptions {
        statistics = Set.copyOf(statistics);
    }

    /** Everything is kept. */
    public static KvOptions defaults() {
        return DEFAULTS;
    }

    public KvOptions withKeys(KvType type) {
        return new KvOptions(Optional.of(type), values, policy, budget, chunked, endless, statistics);
    }

    public KvOptions withValues(KvType type) {
        return new KvOptions(keys, Optional.of(type), policy, budget, chunked, endless, statistics);
    }

    /** Evicts by this policy down to this budget; between the chunks of a prompt too if the budget is in bytes. */
    public KvOptions evicting(KvPolicy evicting, KvBudget kept) {
        boolean limit = kept instanceof KvBudget.Bytes;
        return new KvOptions(keys, values, Optional.of(evicting), kept, limit, endless, statistics);
    }

    public KvOptions withChunked(boolean evictBetweenChunks) {
        return new KvOptions(keys, values, policy, budget, evictBetweenChunks, endless, statistics);
    }

    public KvOptions withEndless(boolean newPlaces) {
        return new KvOptions(keys, values, policy, budget, chunked, newPlaces, statistics);
    }

    public KvOptions withStatistics(Set<Statistic> known) {
        return new KvOptions(keys, values, policy, budget, chunked, endless, known);
    }

    /** All that the cache must know. */
    Set<Statistic> needs() {
        EnumSet<Statistic> needs = EnumSet.noneOf(Statistic.class);
        needs.addAll(statistics);
        policy.ifPresent(evicting -> needs.addAll(evicting.needs()));
        return needs;
    }
}
