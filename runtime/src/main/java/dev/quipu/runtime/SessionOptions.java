package dev.quipu.runtime;

import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;

/**
 * What a session keeps and how it takes prompts.
 *
 * @param contextTokens most tokens it can hold; 0 = the model's own context, or less where memory does not suffice
 * @param batchTokens prompt tokens processed at a time (llama.cpp's ubatch)
 * @param kv how keys and values are stored, and which are forgotten
 */
public record SessionOptions(int contextTokens, int batchTokens, KvOptions kv) {
    private static final SessionOptions DEFAULTS = new SessionOptions(0, 512, KvOptions.defaults());

    public SessionOptions {
        if (contextTokens < 0 || contextTokens > 1 << 30) {
            throw new IllegalArgumentException("context size must be 0 to " + (1 << 30) + ", not " + contextTokens);
        }
        if (batchTokens < 1 || batchTokens > 1 << 16) {
            throw new IllegalArgumentException("batch size must be 1 to " + (1 << 16) + ", not " + batchTokens);
        }
    }

    public static SessionOptions defaults() {
        return DEFAULTS;
    }

    public SessionOptions withContextTokens(int tokens) {
        return new SessionOptions(tokens, batchTokens, kv);
    }

    public SessionOptions withBatchTokens(int tokens) {
        return new SessionOptions(contextTokens, tokens, kv);
    }

    public SessionOptions withKeys(KvType type) {
        return withKv(kv.withKeys(type));
    }

    public SessionOptions withValues(KvType type) {
        return withKv(kv.withValues(type));
    }

    /** Evicts by this policy down to this budget. */
    public SessionOptions withKvPolicy(KvPolicy policy, KvBudget budget) {
        return withKv(kv.evicting(policy, budget));
    }

    public SessionOptions withKv(KvOptions options) {
        return new SessionOptions(contextTokens, batchTokens, options);
    }
}
