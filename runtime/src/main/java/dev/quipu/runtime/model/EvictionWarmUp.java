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
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/**
 * Evicts from caches of two heads until a policy's code is compiled, on a thread of its own while tokens are still evaluated
 * that the first pass will look at. That pass would wait for it otherwise, and most of its time.
 *
 * <p>The more there is to compile, the more calls the JVM waits for before it asks for more. So what first rounds leave is
 * compiled after some that come later.
 */
final class EvictionWarmUp implements AutoCloseable {
    /** Each with a cache of its own. */
    private static final int ROUNDS = 12;

    /** Rounds that follow upon each other; before each later one is a pause. */
    private static final int EAGER = 3;

    private static final long PAUSE_NANOS = 100_000_000;

    /** Passes of a round. */
    static final int PASSES = 5;

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
                .start(() -> evict(twoLayers(layout), width, policy, projection, rotary, this::stopsBefore));
    }

    /** Waits before a later round, unless it is told to stop. */
    private boolean stopsBefore(int round) {
        if (round >= EAGER && !closed) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return closed;
    }

    /** Two layers of one KV head, for some policies share out, and room for all tokens, for some evict only what is old. */
    static KvLayout twoLayers(KvLayout layout) {
        return new KvLayout(
                2,
                layout.group(),
                1,
                layout.keyDim(),
                layout.valueDim(),
                layout.scale(),
                layout.keys(),
                layout.values(),
                PASSES * TOKENS);
    }

    /**
     * Returns how many tokens have come and gone when all rounds are made, or it is told to stop.
     *
     * @param stopped asked before each round, by its number
     */
    static int evict(
            KvLayout layout,
            Optional<SimdWidth> width,
            KvPolicy policy,
            OutputProjection projection,
            RotaryPairs rotary,
            IntPredicate stopped) {
        int tokens = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment queries = noise(layout.heads() * layout.keyDim(), arena);
            MemorySegment keys = noise(layout.keyDim(), arena);
            MemorySegment values = noise(layout.valueDim(), arena);
            MemorySegment out = noise(layout.heads() * layout.valueDim(), arena);
            for (int round = 0; round < ROUNDS && !stopped.test(round); round++) {
                try (KvCache cache =
                        KvCache.create(layout, width, policy.needs(), Optional.of(projection), rotary, true)) {
                    AttentionScratch scratch = cache.newScratch();
                    for (int pass = 0; pass < PASSES; pass++) {
                        add(cache, pass, queries, keys, values, out, scratch);
                        cache.evict(policy, new KvBudget.Tokens(TOKENS), TaskRunner.sequential());
                    }
                    tokens += cache.positions();
                }
            }
        }
        return tokens;
    }

    /** The tokens before a pass. */
    private static void add(
            KvCache cache,
            int pass,
            MemorySegment queries,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment out,
            AttentionScratch scratch) {
        int layers = cache.layout().layers();
        cache.begin(TOKENS);
        for (int layer = 0; layer < layers; layer++) {
            long shift = 64L * (layer + pass * layers);
            cache.append(layer, 0, keys.asSlice(shift), values.asSlice(shift), TOKENS);
            for (int task = 0; task < cache.attentionTasks(layer, TOKENS); task++) {
                cache.attend(layer, task, queries.asSlice(shift), out, TOKENS, scratch);
            }
            cache.merge(layer, out, TOKENS);
        }
        cache.commit();
    }

    /** Numbers that differ, and some more of them: code that all cells take in one way would be compiled for that way only. */
    private static MemorySegment noise(int channels, Arena arena) {
        Random random = new Random(channels);
        int count = TOKENS * channels + 2 * PASSES * 16;
        MemorySegment segment = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return segment;
    }

    /** Ends it after its current round, and waits for that. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        ThreadEnd.await(thread);
    }
}
