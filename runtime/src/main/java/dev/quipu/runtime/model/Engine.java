package dev.quipu.runtime.model;

import dev.quipu.gguf.GgufFile;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.RotaryPairs;
import dev.quipu.kvcache.TaskRunner;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.runtime.LogitsConsumer;
import dev.quipu.runtime.ModelFormatException;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.parallel.PhysicalCores;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What computes for one open model: weights, kernels, worker team and scratch memory. Its sessions take turns, one batch
 * each, under one lock; closing waits for the batch that runs.
 */
public final class Engine implements AutoCloseable {
    private final ReentrantLock turn = new ReentrantLock(true);
    private final ModelConfig config;
    private final Kernels kernels;
    private final Precision precision;
    private final WorkerTeam team;
    private final Workspace workspace;
    private final Transformer transformer;
    private final AttentionOutput attentionOutput;
    private final RotaryPairs rotary;
    private final TeamRunner runner;
    private final TransformerWeights weights;
    private final @Nullable WarmUp warmUp;
    private @Nullable EvictionWarmUp evictionWarmUp;
    private boolean closed;

    private Engine(
            ModelConfig config,
            TransformerWeights weights,
            Kernels kernels,
            Precision precision,
            @Nullable WarmUp warmUp,
            WorkerTeam team) {
        this.config = config;
        this.weights = weights;
        this.kernels = kernels;
        this.precision = precision;
        this.warmUp = warmUp;
        this.team = team;
        this.workspace = new Workspace(config);
        this.transformer = new Transformer(config, weights, kernels, team, workspace);
        this.rotary = new RotaryPairs(weights.rope().frequencies(), config.ropeStyle() == RopeStyle.NEOX);
        this.attentionOutput = new AttentionOutput(config, weights.layers(), kernels);
        this.runner = new TeamRunner(team);
    }

    /**
     * Binds the file's weights and starts the worker team.
     *
     * @param threads 0 = one per physical core
     * @param warmUp whether a thread of its own has the kernels compiled meanwhile, so that the first prompt need not wait as
     *     long
     */
    public static Engine start(GgufFile file, int threads, KernelChoice choice, Precision precision, boolean warmUp)
            throws ModelFormatException {
        Kernels kernels = Kernels.choose(choice, precision);
        Architecture architecture = Architecture.of(ConfigReader.architectureName(file.metadata()));
        WeightReader reader = new WeightReader(file);
        ModelConfig config = ConfigReader.read(file.metadata(), architecture, reader.vocabularySize());
        TransformerWeights weights = reader.read(config, architecture);
        WarmUp warming = warmUp ? warmUp(config, weights, kernels) : null;
        try {
            WorkerTeam team = new WorkerTeam(threads == 0 ? PhysicalCores.count() : threads, "quipu-worker");
            return new Engine(config, weights, kernels, precision, warming, team);
        } catch (RuntimeException | Error e) {
            if (warming != null) {
                warming.close(); // it reads the weights
            }
            throw e;
        }
    }

    /** Has the classes that all models need loaded, and kernels that most need compiled, by a thread of its own. */
    public static void prepare() {
        Thread.ofPlatform().daemon().name("quipu-preparation").start(() -> {
            try (Arena arena = Arena.ofConfined()) {
                Kernels kernels = Kernels.choose(KernelChoice.AUTO, Precision.FAST);
                if (kernels.width().isPresent()) {
                    try (MiniatureRun run = new MiniatureRun(Miniature.typical(arena), kernels)) {
                        run.prompt();
                        run.prompt();
                    }
                }
            } catch (IllegalStateException | UncheckedIOException e) {
                // No native access, or no room for a cache: who opens the model is told, here nobody waits.
            }
        });
    }

    private static @Nullable WarmUp warmUp(ModelConfig config, TransformerWeights weights, Kernels kernels) {
        if (kernels.width().isEmpty() || !Miniature.isWorthwhile(weights)) {
            return null;
        }
        return new WarmUp(Miniature.of(config, weights), kernels);
    }

    /** Has what a policy needs compiled by a thread of its own, if kernels are: a cache of this layout will soon evict. */
    public void warmUpEviction(KvLayout layout, KvPolicy policy) {
        turn.lock();
        try {
            checkOpen();
            if (warmUp != null && evictionWarmUp == null) {
                evictionWarmUp = new EvictionWarmUp(layout, kernels.width(), policy, attentionOutput, rotary);
            }
        } finally {
            turn.unlock();
        }
    }

    public ModelConfig config() {
        return config;
    }

    public Kernels kernels() {
        return kernels;
    }

    public Precision precision() {
        return precision;
    }

    public int threads() {
        return team.threads();
    }

    /** The shape of a KV cache for this model. */
    public KvLayout layout(KvType keys, KvType values, int contextTokens) {
        return config.kvLayout(keys, values, contextTokens);
    }

    /**
     * An empty cache, to be closed with {@link #closeCache}.
     *
     * @param statistics what it is to know about its cells
     * @param movable whether its cells can get new places in the context
     */
    public SequenceCache newCache(KvLayout layout, Set<Statistic> statistics, boolean movable) {
        turn.lock();
        try {
            checkOpen();
            KvCache kv =
                    KvCache.create(layout, kernels.width(), statistics, Optional.of(attentionOutput), rotary, movable);
            return SequenceCache.of(kv, team.threads());
        } finally {
            turn.unlock();
        }
    }

    /**
     * Appends {@code count} tokens to the cache.
     *
     * @param logits receives the logits of the last one: float[vocabulary]; null if nobody wants them
     * @throws IllegalStateException if the engine or the cache is closed
     */
    public void evaluate(SequenceCache cache, int[] tokens, int from, int count, float @Nullable [] logits) {
        turn.lock();
        try {
            checkOpen(cache);
            transformer.prepare(count); // while kernels are compiled
            // Code that is being compiled on two cores is not there sooner when they also run it uncompiled.
            if (warmUp != null) {
                warmUp.await(count);
            }
            transformer.evaluate(cache, tokens, from, count, logits);
        } finally {
            if (warmUp != null) {
                warmUp.release();
            }
            turn.unlock();
        }
    }

    /** Appends tokens and hands out the logits of each, in {@code logits}. */
    public void evaluateAll(
            SequenceCache cache, int[] tokens, int from, int count, float[] logits, LogitsConsumer consumer) {
        turn.lock();
        try {
            checkOpen(cache);
            transformer.evaluateAll(cache, tokens, from, count, logits, consumer);
        } finally {
            turn.unlock();
        }
    }

    /** Does something with the cache that is not a computation of the model, in turn with those that are. */
    public <T> T withCache(SequenceCache cache, BiFunction<KvCache, TaskRunner, T> action) {
        turn.lock();
        try {
            checkOpen(cache);
            return action.apply(cache.kv(), runner);
        } finally {
            turn.unlock();
        }
    }

    /** A second sequence that begins like this one, to be closed as well. */
    public SequenceCache fork(SequenceCache cache) {
        return withCache(cache, (kv, team) -> SequenceCache.of(kv.fork(), threads()));
    }

    /** Makes the cache forget everything from {@code position} on. */
    public void truncate(SequenceCache cache, int position) {
        turn.lock();
        try {
            checkOpen(cache);
            cache.kv().truncate(position);
        } finally {
            turn.unlock();
        }
    }

    public void closeCache(SequenceCache cache) {
        turn.lock();
        try {
            cache.kv().close();
        } finally {
            turn.unlock();
        }
    }

    private void checkOpen(SequenceCache cache) {
        checkOpen();
        if (!cache.kv().isOpen()) {
            throw new IllegalStateException("the session is closed");
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
    }

    @Override
    public void close() {
        if (warmUp != null) {
            warmUp.close();
        }
        turn.lock();
        try {
            if (!closed) {
                closed = true;
                if (evictionWarmUp != null) {
                    evictionWarmUp.close();
                }
                team.close();
                transformer.close();
                workspace.close();
            }
        } finally {
            turn.unlock();
        }
    }
}
