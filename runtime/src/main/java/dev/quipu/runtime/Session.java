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
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

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
    private final Forgetting forgetting;
    private int[] tokens = new int[256];
    private int position;
    private int protectedTokens;

    private Session(Model model, Engine engine, SequenceCache cache, int contextTokens, int batchTokens, KvOptions kv) {
        this.model = model;
        this.engine = engine;
        this.cache = cache;
        this.contextTokens = contextTokens;
        this.batchTokens = batchTokens;
        this.logits = new float[engine.config().vocabularySize()];
        this.forgetting = new Forgetting(engine, cache, kv, contextTokens);
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
        KvOptions kv = options.kv();
        int batch = options.batchTokens();
        if (kv.policy().isPresent()) {
            int cells = budgetCells(kv.policy().get(), kv.budget(), layout);
            // Beside what is kept, a batch must fit into the context.
            batch = Math.min(batch, Math.max(context - cells, (context + 7) / 8));
        }
        boolean movable = kv.policy().isPresent() && kv.endless();
        SequenceCache cache = engine.newCache(layout, kv.needs(), movable);
        return new Session(model, engine, cache, context, batch, kv);
    }

    /** Cells of a head that a budget allows, which are at least what its policy always keeps. */
    private static int budgetCells(KvPolicy policy, KvBudget budget, KvLayout layout) {
        int cells = layout.cells(budget, policy.needs());
        int least = policy.sinks() + policy.window();
        if (cells < least) {
            throw new IllegalArgumentException(
                    "the KV budget holds %d tokens per head, fewer than the %d that policy %s always keeps (%d sinks, window %d)"
                            .formatted(cells, least, policy.name(), policy.sinks(), policy.window()));
        }
        return cells;
    }

    /**
     * A second session that begins like this one and then goes its own way; memory is shared until one of them changes it.
     * The caller closes both.
     */
    public Session fork() {
        Session fork = new Session(model, engine, engine.fork(cache), contextTokens, batchTokens, forgetting.options());
        fork.tokens = tokens();
        fork.position = position;
        fork.protectedTokens = protectedTokens;
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

    /** The same for several budgets, with one look at the cells. */
    public List<EvictionPlan> plans(KvPolicy policy, List<KvBudget> budgets) {
        return engine.withCache(cache, (kv, runner) -> kv.plans(policy, budgets, runner));
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
            makeRoom(count);
            boolean last = from + count == next.length;
            engine.evaluate(cache, next, from, count, last ? logits : null);
            remember(next, from, count);
            forget(count, next.length, last);
        }
        return logits;
    }

    private void makeRoom(int count) {
        if (!forgetting.makeRoom(count)) {
            throw new ContextFullException((long) position + count, contextTokens);
        }
    }

    private void forget(int count, int all, boolean last) {
        if (all == 1) {
            forgetting.afterToken();
        } else if (last) {
            forgetting.afterPrompt();
        } else {
            forgetting.afterChunk(count);
        }
    }

    /** Whether one more token fits, after forgetting others if there is a policy. */
    boolean hasRoom() {
        return forgetting.makeRoom(1);
    }

    /** Appends tokens, and hands out the logits of each. Errors as in {@link #evaluate}. */
    public void evaluateAll(int[] next, LogitsConsumer consumer) {
        check(next);
        for (int from = 0; from < next.length; from += batchTokens) {
            int count = Math.min(batchTokens, next.length - from);
            makeRoom(count);
            engine.evaluateAll(cache, next, from, count, logits, consumer);
            remember(next, from, count);
            forget(count, next.length, from + count == next.length);
        }
    }

    /** Forgets all tokens from position {@code length} on. */
    public void truncate(int length) {
        if (length < 0 || length > position) {
            throw new IllegalArgumentException("length must be 0 to " + position + ", not " + length);
        }
        engine.truncate(cache, length);
        position = length;
        protectFirst(protectedTokens);
    }

    /**
     * Marks tokens of positions {@code [from, to)}, evaluated or still to come, as never to be evicted, until they are
     * truncated.
     */
    public void protect(int from, int to) {
        engine.withCache(cache, (kv, runner) -> {
            kv.protect(from, to);
            return to;
        });
    }

    /** Marks the first tokens, such as the system prompt, as never to be evicted, now and after truncation. */
    public void protectFirst(int tokens) {
        protectedTokens = tokens;
        protect(0, tokens);
    }

    /**
     * Which parts of the sequence each layer holds: float[layers][columns], for each of equal stretches of positions the share
     * of its cells that the layer's heads hold. Fewer columns if there are fewer positions.
     */
    public float[][] kvMap(int columns) {
        int stretches = Math.min(columns, position);
        float[][] map = new float[engine.config().layers()][stretches];
        int heads = engine.config().kvHeads();
        for (int layer = 0; layer < map.length; layer++) {
            for (int head = 0; head < heads; head++) {
                for (int cell : cellPositions(layer, head)) {
                    int column = (int) ((long) cell * stretches / position);
                    map[layer][column]++;
                }
            }
            for (int column = 0; column < stretches; column++) {
                map[layer][column] /= (float) heads * (first(column + 1, stretches) - first(column, stretches));
            }
        }
        return map;
    }

    /** First position of a stretch. */
    private int first(int column, int stretches) {
        return (int) (((long) column * position + stretches - 1) / stretches);
    }

    /** What was evicted by the session's policy so far. */
    public KvLoss kvLoss() {
        return forgetting.loss();
    }

    /**
     * Saves tokens, keys and values. The file replaces an older one at once, when it is complete.
     */
    public void save(Path file) throws IOException {
        int[] held = tokens();
        String identity = model.identity();
        rethrow(engine.withCache(cache, (kv, runner) -> attempt(() -> kv.save(file, identity, held))));
    }

    /**
     * Goes on where a session was saved.
     *
     * @throws dev.quipu.kvcache.KvSnapshotException if the file is not a saved session, is damaged, or is of another model or
     *     of a session with other options; this session is as it was before
     */
    public void restore(Path file) throws IOException {
        String identity = model.identity();
        rethrow(engine.withCache(
                cache,
                (kv, runner) -> attempt(() -> {
                    tokens = kv.restore(file, identity);
                    position = tokens.length;
                })));
    }

    private interface FileAction {
        void run() throws IOException;
    }

    private static Optional<IOException> attempt(FileAction action) {
        try {
            action.run();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    private static void rethrow(Optional<IOException> failure) throws IOException {
        if (failure.isPresent()) {
            throw failure.get();
        }
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
        if (prompt.length > contextTokens && forgetting.options().policy().isEmpty()) {
            throw new ContextFullException(prompt.length, contextTokens);
        }
        forgetting.recompute(common(prompt) - reused);
        truncate(reused);
        int from = reused;
        while (from < prompt.length && !cancelled.getAsBoolean()) {
            int count = Math.min(batchTokens, prompt.length - from);
            makeRoom(count);
            engine.evaluate(cache, prompt, from, count, from + count == prompt.length ? logits : null);
            remember(prompt, from, count);
            from += count;
            forget(count, Math.max(2, prompt.length - reused), from == prompt.length);
        }
        return logits;
    }

    /**
     * How many of the prompt's first tokens need no evaluation: the common prefix, as far as what was evicted lets one build
     * upon it, but never the whole prompt.
     */
    int reusable(int[] prompt) {
        return forgetting.reusable(common(prompt), position);
    }

    private int common(int[] prompt) {
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
        if (next.length > contextTokens - position
                && forgetting.options().policy().isEmpty()) {
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
            tokens = Arrays.copyOf(tokens, Math.max(position + count, 2 * tokens.length));
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
