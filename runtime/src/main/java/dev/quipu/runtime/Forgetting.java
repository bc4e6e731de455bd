package dev.quipu.runtime;

import dev.quipu.kvcache.BoundedCache;
import dev.quipu.kvcache.EvictionReport;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.TaskRunner;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.runtime.model.Engine;
import dev.quipu.runtime.model.SequenceCache;
import org.jspecify.annotations.Nullable;

/** When a session evicts, and how it finds room for more. Allocates nothing while nothing is evicted. */
final class Forgetting {
    private final Engine engine;
    private final SequenceCache cache;
    private final KvOptions options;
    private final int contextTokens;
    private final @Nullable BoundedCache bounded;
    private KvLoss loss;
    private boolean announced;

    Forgetting(Engine engine, SequenceCache cache, KvOptions options, int contextTokens) {
        this.engine = engine;
        this.cache = cache;
        this.options = options;
        this.contextTokens = contextTokens;
        bounded = options.policy()
                .map(policy -> new BoundedCache(cache.kv(), policy, options.budget()))
                .orElse(null);
        loss = new KvLoss(0, 0, engine.config().layers() * engine.config().kvHeads(), 0, 0, 0, 0);
    }

    KvOptions options() {
        return options;
    }

    /** What was forgotten so far. */
    KvLoss loss() {
        return loss;
    }

    /** Whether more tokens fit, after forgetting others if need be. */
    boolean makeRoom(int tokens) {
        KvCache kv = cache.kv();
        BoundedCache limit = bounded;
        if (limit != null && kv.longest() + tokens > contextTokens) {
            shrink(0);
            fit(limit, contextTokens - tokens);
        }
        if (kv.longest() + tokens > contextTokens) {
            return false;
        }
        int end = Math.max(contextTokens, engine.config().contextLength());
        if (bounded != null && options.endless() && kv.nextPlace() + tokens > end) {
            engine.withCache(cache, Forgetting::reposition);
            loss = new KvLoss(
                    loss.passes(),
                    loss.cells(),
                    loss.heads(),
                    loss.bytes(),
                    loss.nanos(),
                    loss.renewals() + 1,
                    loss.recomputed());
        }
        return true;
    }

    private static boolean reposition(KvCache kv, TaskRunner runner) {
        kv.reposition(runner);
        return true;
    }

    /** Between two chunks of a prompt. */
    void afterChunk(int tokens) {
        announce();
        if (options.chunked()) {
            shrink(tokens);
        }
    }

    /** After the last chunk of a prompt. */
    void afterPrompt() {
        shrink(0);
    }

    /** After a token that was evaluated alone. */
    void afterToken() {
        BoundedCache limit = bounded;
        if (limit != null) {
            if (!announced && limit.isFull()) {
                announce();
            }
            shrink(limit.slack());
        }
    }

    /** Says that there will be an eviction, some time before it. */
    private void announce() {
        if (!announced) {
            announced = true;
            options.policy()
                    .ifPresent(policy -> engine.warmUpEviction(cache.kv().layout(), policy));
        }
    }

    private void shrink(int slack) {
        BoundedCache limit = bounded;
        if (limit != null && limit.isDue(slack)) {
            engine.withCache(cache, (kv, runner) -> limit.shrink(slack, runner)).ifPresent(this::count);
        }
    }

    /**
     * Where heads differ in length, or the budget is the whole context, the fullest may have no room though the budget is
     * kept. So that this does not come with every token, some more cells go.
     */
    private void fit(BoundedCache limit, int most) {
        if (most > 0 && cache.kv().longest() > most) {
            int cells = Math.min(most, contextTokens - Math.min(limit.slack(), contextTokens / 8));
            count(engine.withCache(cache, (kv, runner) -> limit.fit(cells, runner)));
        }
    }

    private void count(EvictionReport done) {
        loss = new KvLoss(
                loss.passes() + 1,
                loss.cells() + done.evicted(),
                loss.heads(),
                loss.bytes() + done.bytesBefore() - done.bytesAfter(),
                loss.nanos() + done.nanos(),
                loss.renewals(),
                loss.recomputed());
    }

    /**
     * How many of the first {@code common} positions, which the session has in common with a prompt, it can build upon.
     *
     * @param position tokens that the session has seen
     */
    int reusable(int common, int position) {
        if (loss.passes() == 0 || common == position) {
            return common;
        }
        int window = options.policy().map(KvPolicy::window).orElse(0) / 2;
        return engine.withCache(cache, (kv, runner) -> kv.intact(common, window));
    }

    /** Prompt tokens are evaluated again. */
    void recompute(int tokens) {
        loss = new KvLoss(
                loss.passes(),
                loss.cells(),
                loss.heads(),
                loss.bytes(),
                loss.nanos(),
                loss.renewals(),
                loss.recomputed() + tokens);
    }
}
