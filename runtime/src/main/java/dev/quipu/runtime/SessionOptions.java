package dev.quipu.runtime;

import dev.quipu.kvcache.KvType;
import java.util.Optional;

/**
 * What a session keeps and how it takes prompts.
 *
 * @param contextTokens most tokens it can hold; 0 = the model's own context, or less where memory does not suffice
 * @param batchTokens prompt tokens processed at a time (llama.cpp's ubatch)
 * @param keys how keys are stored; empty = F16, or F32 where the model computes in {@code Precision.FLOAT}
 * @param values how values are stored; likewise
 */
public record SessionOptions(int contextTokens, int batchTokens, Optional<KvType> keys, Optional<KvType> values) {
    private static final SessionOptions DEFAULTS = new SessionOptions(0, 512, Optional.empty(), Optional.empty());

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
        return new SessionOptions(tokens, batchTokens, keys, values);
    }

    public SessionOptions withBatchTokens(int tokens) {
        return new SessionOptions(contextTokens, tokens, keys, values);
    }

    public SessionOptions withKeys(KvType type) {
        return new SessionOptions(contextTokens, batchTokens, Optional.of(type), values);
    }

    public SessionOptions withValues(KvType type) {
        return new SessionOptions(contextTokens, batchTokens, keys, Optional.of(type));
    }
}
