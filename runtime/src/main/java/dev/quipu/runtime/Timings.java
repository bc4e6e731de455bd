package dev.quipu.runtime;

/**
 * What a generation took, in the terms of llama.cpp's timing lines. Times are wall-clock nanoseconds.
 *
 * @param reusedTokens prompt tokens that the session had evaluated before
 * @param promptTokens prompt tokens evaluated now
 * @param evalTokens tokens evaluated one by one after the prompt
 * @param sampledTokens tokens chosen
 * @param kvBytes bytes of keys and values that the session holds now
 * @param kvLoss what the session's policy has evicted meanwhile
 */
public record Timings(
        int reusedTokens,
        int promptTokens,
        long promptNanos,
        int evalTokens,
        long evalNanos,
        int sampledTokens,
        long sampleNanos,
        long kvBytes,
        KvLoss kvLoss) {}
