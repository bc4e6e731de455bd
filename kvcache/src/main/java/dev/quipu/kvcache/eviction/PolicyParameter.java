package dev.quipu.kvcache.eviction;

import java.util.Optional;

/** What can be set about a policy by text, and which policies have it. */
public enum PolicyParameter {
    SCORE("score", "name", "how important a cell is", ScorerSettings.NAME),
    SELECTION(
            "selection",
            "topk|critical|staged|lambda|threshold",
            "which cells stay, given scores and a budget",
            SelectionSettings.NAME),
    HEADS("heads", "uniform|ada", "how a layer's cells are split over its heads", AllocationSettings.HEADS),
    LAYERS("layers", "uniform|pyramid|prefix|global", "how the cells are split over layers", AllocationSettings.LAYERS),
    SINKS("sinks", "integer", "cells at the start that always stay", AllocationSettings.SINKS),
    WINDOW(
            "window",
            "1 to 32",
            "cells at the end that always stay, and queries that are observed",
            AllocationSettings.WINDOW),
    TIES("ties", "early|recent", "which of two cells with equal scores stays", AllocationSettings.TIES),
    POOL("pool", "none|avgN|maxN", "pooling of scores over N neighbouring cells, N odd", ScorerSettings.POOL),
    OVER("over", "mean|square|mix|max", "how the queries of the window combine", ScorerSettings.OVER),
    ACROSS("across", "sum|max", "how the query heads of a group combine", ScorerSettings.ACROSS),
    FLOOR("floor", "number", "attention that every cell is granted", ScorerSettings.FLOOR),
    HORIZON("horizon", "integer", "positions to come over which remembered queries are spread", ScorerSettings.HORIZON),
    SAMPLE(
            "sample",
            "0 to 1",
            "weight of queries from all over the sequence among those remembered",
            ScorerSettings.SAMPLE),
    MEMORY(
            "memory",
            "number",
            "weight of all attention received so far, beside that of the queries to come",
            ScorerSettings.MEMORY),
    PRIOR(
            "prior",
            "number",
            "weight of a query that looks at all cells alike, beside that of those to come",
            ScorerSettings.PRIOR),
    SEED("seed", "integer", "seed of the random scores", ScorerSettings.SEED),
    ALPHA(
            "alpha",
            "0 to 1",
            "share of the budget that stage one gives to the highest scores or attention",
            SelectionSettings.ALPHA),
    EPSILON("epsilon", "number", "floor of the score in stage two", SelectionSettings.EPSILON),
    GROUP("group", "sum|kvpress", "worth to a group: sum of products, or product of means", SelectionSettings.GROUP),
    NORM("norm", "l1|l2", "norm of projected values: the paper's, or one that costs little", SelectionSettings.NORM),
    CENTRE("centre", "none|mean", "value norms from zero, or from the window's mean output", SelectionSettings.CENTRE),
    AGE("age", "integer", "tokens after which a cell that no query found important goes", SelectionSettings.AGE),
    CLAIMS(
            "claims",
            "score|defensive|foreseen",
            "scores by which heads and layers compete, where budgets go by score",
            AllocationSettings.CLAIMS),
    SAFEGUARD(
            "safeguard",
            "0 to 1",
            "share of an equal split that every head keeps in any case",
            AllocationSettings.SAFEGUARD),
    BETA(
            "beta",
            "1 or more",
            "steepness of the pyramid: the last layer keeps 1 / beta of the mean",
            AllocationSettings.BETA);

    private final String key;
    private final String allowed;
    private final String meaning;
    private final Setting setting;

    PolicyParameter(String key, String allowed, String meaning, Setting setting) {
        this.key = key;
        this.allowed = allowed;
        this.meaning = meaning;
        this.setting = setting;
    }

    /** Its name in text. */
    public String key() {
        return key;
    }

    /** What it may be. */
    public String allowed() {
        return allowed;
    }

    public String meaning() {
        return meaning;
    }

    /** Its value in a policy, in the form that {@link #set} reads; empty where the policy has no such parameter. */
    public Optional<String> get(KvPolicy policy) {
        return setting.read().apply(policy);
    }

    /**
     * The policy with another value.
     *
     * @throws IllegalArgumentException if the policy has no such parameter or it cannot have this value
     */
    public KvPolicy set(KvPolicy policy, String value) {
        Optional<String> present = get(policy);
        if (present.isEmpty()) {
            throw new IllegalArgumentException("KV policy %s has no parameter %s".formatted(policy.name(), key));
        }
        if (present.get().equals(value)) {
            return policy;
        }
        try {
            return setting.write().apply(policy, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "KV policy parameter %s=%s: %s expected".formatted(key, value, allowed), e);
        }
    }

    /** The parameter of this key. */
    public static PolicyParameter named(String key) {
        return Choice.of(values(), PolicyParameter::key, key);
    }
}
