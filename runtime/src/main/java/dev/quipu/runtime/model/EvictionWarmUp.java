package dev.quipu.runtime.model;

import dev.quipu.kvcache.AttentionScratch;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.OutputProjection;
import dev.quipu.kvcache.RotaryPairs;
import dev.quipu.kvcache.TaskRunner;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.parallel.ThreadEnd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Evicts from a cache of one head until a policy's code is compiled, on a thread of its own while tokens are still evaluated
 * that the first pass will look at. That pass would wait for it otherwise, and most of its time.
 */
final class EvictionWarmUp implements AutoCloseable {
    /** Passes after which all that they call waits to be compiled. */
    static final int PASSES = 14;

    /** Tokens that come before each pass, and that stay after it. */
    static final int TOKENS = 64;

    private final Thread thread;
    private volatile boolean closed;

    /** @param layout of the cache that is to evict */
    EvictionWarmUp(
            KvLayout layout,
            Optional<SimdWidth> width,
            KvPolicy policy,
            OutputProjection projection,
            RotaryPairs rotary) {
        thread = Thread.ofPlatform()
                .daemon()
                .name("quipu-eviction-warm-up")
                .start(() -> evict(oneHead(layout), width, policy, projection, rotary, () -> closed));
    }

    /** One layer, one KV head, and room for all tokens: some policies evict only what is old. */
    static KvLayout oneHead(KvLayout layout) {
        return new KvLayout(
                1,
                layout.group(),
                1,
                layout.keyDim(),
                layout.valueDim(),
                layout.scale(),
                layout.keys(),
                layout.values(),
                PASSES * TOKENS);
    }

    /** Returns how many tokens have come and gone when all passes are made, or it is told to stop. */
    static int evict(
            KvLayout layout,
            Optional<SimdWidth> width,
            KvPolicy policy,
            OutputProjection projection,
            RotaryPairs rotary,
            BooleanSupplier stopped) {
        try (Arena arena = Arena.ofConfined();
                KvCache cache = KvCache.create(layout, width, policy.needs(), Optional.of(projection), rotary)) {
            AttentionScratch scratch = cache.newScratch();
            MemorySegment queries = zeros(layout.heads() * layout.keyDim(), arena);
            MemorySegment keys = zeros(layout.keyDim(), arena);
            MemorySegment values = zeros(layout.valueDim(), arena);
            MemorySegment out = zeros(layout.heads() * layout.valueDim(), arena);
            for (int pass = 0; pass < PASSES && !stopped.getAsBoolean(); pass++) {
                cache.begin(TOKENS);
                cache.append(0, 0, keys, values, TOKENS);
                for (int task = 0; task < cache.attentionTasks(0, TOKENS); task++) {
                    cache.attend(0, task, queries, out, TOKENS, scratch);
                }
                cache.merge(0, out, TOKENS);
                cache.commit();
                cache.evict(policy, new KvBudget.Tokens(TOKENS), TaskRunner.sequential());
            }
            return cache.positions();
        }
    }

    private static MemorySegment zeros(int channels, Arena arena) {
        return arena.allocate(4L * TOKENS * channels, 64);
    }

    /** Ends it after its current pass, and waits for that. */
    @Override
    public void close() {
        closed = true;
        ThreadEnd.await(thread);
    }
}
