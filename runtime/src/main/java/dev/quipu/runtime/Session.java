package dev.quipu.runtime;

import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.EvictionReport;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.PerturbationTable;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.model.Engine;
import dev.quipu.runtime.model.SequenceCache;
import dev.quipu.runtime.sampling.SamplingOptions;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * One sequence of tokens and what the model remembers of it. A session is used by one thread at a time; {@link #close}
 * and a generation's {@code cancel} may come from any.
 */
public final class Session implements AutoCloseable {
    private final Model model;
    private final Engine engine;
    private final SequenceCache cache;
    private final int contextTokens;
    private final int batchTokens;
    private final float[] logits;
    private int[] tokens = new int[256];
    private int position;

    private Session(Model model, Engine engine, SequenceCache cache, int contextTokens, int batchTokens) {
        this.model = model;
        this.engine = engine;
        this.cache = cache;
        this.contextTokens = contextTokens;
        this.batchTokens = batchTokens;
        this.logits = new float[engine.config().vocabularySize()];
    }

    static Session open(Model model, Engine engine, SessionOptions options) {
        KvType type = engine.precision() == Precision.FLOAT ? KvType.F32 : KvType.F16;
        KvType keys = options.kv().keys().orElse(type);
        KvType values = options.kv().values().orElse(type);
        int context = options.contextTokens() == 0 ? engine.config().contextLength() : options.contextTokens();
        long available = AvailableMemory.bytes();
        KvLayout layout = engine.layout(keys, values, context);
        if (layout.bytes(context) > available) {
            if (options.contextTokens() != 0) {
                throw new InsufficientMemoryException(context, layout.bytes(context), available);
            }
            // The model's own context was nobody's wish: half of the memory is what one session may plan with.
            context = (int) Math.max(256, available / 2 / Math.max(1, layout.bytes(context) / context));
            layout = engine.layout(keys, values, context);
        }
        SequenceCache cache = engine.newCache(layout, options.kv().needs());
        return new Session(model, engine, cache, context, options.batchTokens());
    }

    /**
     * A second session that begins like this one and then goes its own way; memory is shared until one of them changes it.
     * The caller closes both.
     */
    public Session fork() {
        Session fork = new Session(model, engine, engine.fork(cache), contextTokens, batchTokens);
        fork.tokens = tokens();
        fork.position = position;
        return fork;
    }

    /**
     * What a policy would keep now; nothing is evicted.
     *
     * @throws IllegalArgumentException if the session was not opened to know what the policy needs
     */
    public EvictionPlan plan(KvPolicy policy, KvBudget budget) {
        return engine.withCache(cache, (kv, runner) -> kv.plan(policy, budget, runner));
    }

    /**
     * A choice that was made elsewhere.
     *
     * @param kept BitSet[layers][kvHeads]: the cells that stay, by index
     */
    public EvictionPlan plan(BitSet[][] kept) {
        return engine.withCache(cache, (kv, runner) -> kv.plan(kept));
    }

    /**
     * Evicts what the plan does not keep. A plan of the session that this one was forked from is as good as an own one, as
     * long as neither has changed.
     */
    public EvictionReport apply(EvictionPlan plan) {
        return engine.withCache(cache, (kv, runner) -> kv.apply(plan, runner));
    }

    /** Hides what the plan does not keep from attention, but keeps it in memory. */
    public void mask(EvictionPlan plan) {
        engine.withCache(cache, (kv, runner) -> {
            kv.mask(plan);
            return plan;
        });
    }

    /**
     * What carrying out plans would have done to the outputs of the last queries: this session has evicted nothing, the plans
     * are of now or of before.
     *
     * @param queries queries to judge by, the last 1 to 32
     */
    public PerturbationTable audit(List<EvictionPlan> plans, int queries) {
        return engine.withCache(cache, (kv, runner) -> kv.audit(plans, queries, runner));
    }

    /**
     * What is known about the cells of a head, seen from the last 1 to 32 queries. Valid until the next call of this session.
     */
    public HeadObservation observe(int layer, int kvHead, int queries) {
        return engine.withCache(cache, (kv, runner) -> kv.observe(layer, kvHead, queries));
    }

    /** Positions of the cells that a head holds, ascending. */
    public int[] cellPositions(int layer, int kvHead) {
        return engine.withCache(cache, (kv, runner) -> kv.cellPositions(layer, kvHead));
    }

    /** Bytes of the cells' pages, shared ones too; {@link #kvBytes} counts all that forks of a session share once. */
    public long kvHeldBytes() {
        return engine.withCache(cache, (kv, runner) -> kv.heldBytes());
    }

    public Model model() {
        return model;
    }

    /** Most tokens this session can hold. */
    public int contextTokens() {
        return contextTokens;
    }

    /** Tokens evaluated so far; the next one gets this position. */
    public int position() {
        return position;
    }

    /** The tokens evaluated so far. */
    public int[] tokens() {
        return Arrays.copyOf(tokens, position);
    }

    /** Bytes that the KV cache holds now. */
    public long kvBytes() {
        return cache.kv().residentBytes();
    }

    /**
     * Appends tokens, and returns the logits of the last one: float[vocabulary], valid until the next call.
     *
     * @throws ContextFullException if they do not fit; nothing has changed then
     * @throws IllegalArgumentException if there is none, or one is not in the vocabulary
     * @throws IllegalStateException if the session or its model is closed
     */
    public float[] evaluate(int... next) {
        check(next);
        for (int from = 0; from < next.length; from += batchTokens) {
            int count = Math.min(batchTokens, next.length - from);
            boolean last = from + count == next.length;
            engine.evaluate(cache, next, from, count, last ? logits : null);
            remember(next, from, count);
        }
        return logits;
    }

    /** Appends tokens, and hands out the logits of each. Errors as in {@link #evaluate}. */
    public void evaluateAll(int[] next, LogitsConsumer consumer) {
        check(next);
        for (int from = 0; from < next.length; from += batchTokens) {
            int count = Math.min(batchTokens, next.length - from);
            engine.evaluateAll(cache, next, from, count, logits, consumer);
            remember(next, from, count);
        }
    }

    /** Forgets all tokens from position {@code length} on. */
    public void truncate(int length) {
        if (length < 0 || length > position) {
            throw new IllegalArgumentException("length must be 0 to " + position + ", not " + length);
        }
        engine.truncate(cache, length);
        position = length;
    }

    /** Forgets all tokens. */
    public void clear() {
        truncate(0);
    }

    /**
     * Makes the session hold exactly {@code prompt}, evaluating only what follows the longest prefix that it holds
     * already, and returns the logits of the last token. At least that one is evaluated.
     *
     * @param cancelled asked before each batch; once true, this returns with what has been evaluated so far
     */
    float[] continueWith(int[] prompt, java.util.function.BooleanSupplier cancelled) {
        int reused = reusable(prompt);
        checkVocabulary(prompt);
        if (prompt.length > contextTokens) {
            throw new ContextFullException(prompt.length, contextTokens);
        }
        truncate(reused);
        int from = reused;
        while (from < prompt.length && !cancelled.getAsBoolean()) {
            int count = Math.min(batchTokens, prompt.length - from);
            engine.evaluate(cache, prompt, from, count, from + count == prompt.length ? logits : null);
            remember(prompt, from, count);
            from += count;
        }
        return logits;
    }

    /** How many of the prompt's first tokens need no evaluation: the common prefix, but never the whole prompt. */
    int reusable(int[] prompt) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("an empty prompt");
        }
        int common = Arrays.mismatch(prompt, 0, prompt.length, tokens, 0, position);
        return Math.min(common < 0 ? prompt.length : common, prompt.length - 1);
    }

    /**
     * Generates after the prompt. Tokens that the session holds already as the prompt's beginning are not computed again.
     * The prompt is evaluated when the first piece is asked for.
     */
    public Generation generate(int[] prompt, SamplingOptions sampling, GenerationLimits limits) {
        return new Generation(this, prompt, sampling, limits);
    }

    /** Generates after a text, tokenised with the model's own special tokens, until the model ends its turn. */
    public Generation generate(String prompt) {
        return generate(
                model.tokenizer().encode(prompt, true, true), SamplingOptions.defaults(), GenerationLimits.none());
    }

    private void check(int[] next) {
        if (next.length == 0) {
            throw new IllegalArgumentException("no tokens to evaluate");
        }
        checkVocabulary(next);
        if (next.length > contextTokens - position) {
            throw new ContextFullException((long) position + next.length, contextTokens);
        }
    }

    private void checkVocabulary(int[] next) {
        int vocabulary = engine.config().vocabularySize();
        for (int token : next) {
            if (token < 0 || token >= vocabulary) {
                throw new IllegalArgumentException("token " + token + " is not in the vocabulary of " + vocabulary);
            }
        }
    }

    private void remember(int[] next, int from, int count) {
        if (position + count > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(position + count, Math.min(contextTokens, 2 * tokens.length)));
        }
        System.arraycopy(next, from, tokens, position, count);
        position += count;
    }

    /** Frees the KV cache. A computation of this session that runs in another thread ends its current batch first. */
    @Override
    public void close() {
        engine.closeCache(cache);
    }
}
