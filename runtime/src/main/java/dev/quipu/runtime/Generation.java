package dev.quipu.runtime;

import dev.quipu.runtime.sampling.Sampler;
import dev.quipu.runtime.sampling.SamplingOptions;
import dev.quipu.runtime.tokenizer.TokenStream;
import dev.quipu.runtime.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Text as the model writes it: an iterator over pieces that are whole UTF-8 characters. Asking for a piece computes it.
 *
 * <p>The tokens belong to the session: what has been generated is part of its context afterwards, except for the last
 * sampled token, which no computation has taken in yet.
 */
public final class Generation implements Iterator<String>, AutoCloseable {
    private final Session session;
    private final Tokenizer tokenizer;
    private final Sampler sampler;
    private final GenerationLimits limits;
    private final int[] prompt;
    private final TokenStream stream;
    private final StopTextFilter filter;
    private volatile boolean cancelled;
    private volatile @Nullable StopReason stopReason;
    private float @Nullable [] logits;
    private @Nullable String ready;
    private boolean pending;
    private int[] generated = new int[64];
    private final int[] next = new int[1];
    private int sampled;
    private int reusedTokens;
    private int promptTokens;
    private long promptNanos;
    private int evalTokens;
    private long evalNanos;
    private long sampleNanos;
    private final KvLoss lossBefore;

    Generation(Session session, int[] prompt, SamplingOptions sampling, GenerationLimits limits) {
        this.session = session;
        this.tokenizer = session.model().tokenizer();
        this.prompt = prompt.clone();
        this.lossBefore = session.kvLoss();
        this.limits = limits;
        this.stream = tokenizer.stream();
        this.filter = new StopTextFilter(limits.stopTexts());
        this.sampler = Sampler.of(sampling, tokenizer, session.model().config().vocabularySize());
        for (int token : prompt) {
            sampler.accept(token);
        }
    }

    /**
     * Computes until there is text, or the generation has ended.
     *
     * @throws ContextFullException if the prompt alone does not fit
     * @throws IllegalStateException if the session or its model has been closed
     */
    @Override
    public boolean hasNext() {
        while (ready == null && stopReason == null) {
            step();
        }
        return ready != null;
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the generation has ended: " + stopReason);
        }
        String piece = ready;
        ready = null;
        return java.util.Objects.requireNonNull(piece);
    }

    private void step() {
        float[] scores = logits;
        if (cancelled) {
            end(StopReason.CANCELLED);
        } else if (scores == null) {
            evaluatePrompt();
        } else if (limits.maxTokens() >= 0 && sampled >= limits.maxTokens()) {
            end(StopReason.LIMIT);
        } else if (pending) {
            evaluateToken();
        } else {
            sample(scores);
        }
    }

    private void evaluatePrompt() {
        long start = System.nanoTime();
        reusedTokens = session.reusable(prompt);
        logits = session.continueWith(prompt, () -> cancelled);
        promptTokens = session.position() - reusedTokens;
        promptNanos = System.nanoTime() - start;
    }

    private void sample(float[] scores) {
        long start = System.nanoTime();
        int token = sampler.sample(scores);
        sampler.accept(token);
        sampleNanos += System.nanoTime() - start;
        remember(token);
        if (tokenizer.isEndOfGeneration(token)) {
            end(StopReason.END_OF_GENERATION);
            return;
        }
        if (offer(filter.accept(stream.accept(token)))) {
            return;
        }
        if (limits.maxTokens() >= 0 && sampled >= limits.maxTokens()) {
            end(StopReason.LIMIT);
        } else if (!session.hasRoom()) {
            end(StopReason.CONTEXT_FULL);
        } else {
            next[0] = token;
            pending = true;
        }
    }

    /** What has been sampled is evaluated when more is asked for: its text need not wait for that. */
    private void evaluateToken() {
        long start = System.nanoTime();
        pending = false;
        logits = session.evaluate(next);
        evalTokens++;
        evalNanos += System.nanoTime() - start;
    }

    /** Returns whether a stop text has ended the generation. */
    private boolean offer(String text) {
        if (!text.isEmpty()) {
            ready = ready == null ? text : ready + text;
        }
        if (filter.found()) {
            stopReason = StopReason.STOP_TEXT;
            return true;
        }
        return false;
    }

    private void end(StopReason reason) {
        if (!offer(filter.accept(stream.finish()))) {
            String rest = filter.finish();
            if (!rest.isEmpty()) {
                ready = ready == null ? rest : ready + rest;
            }
            stopReason = reason;
        }
    }

    private void remember(int token) {
        if (sampled == generated.length) {
            generated = Arrays.copyOf(generated, 2 * sampled);
        }
        generated[sampled++] = token;
    }

    /** Makes the generation end at the next token, or the prompt at the next batch; may be called from any thread. */
    public void cancel() {
        cancelled = true;
    }

    /** The tokens chosen so far, the one that ended the generation among them. */
    public int[] tokens() {
        return Arrays.copyOf(generated, sampled);
    }

    /** Why it ended; empty while it has not. */
    public Optional<StopReason> stopReason() {
        return Optional.ofNullable(stopReason);
    }

    public Timings timings() {
        return new Timings(
                reusedTokens,
                promptTokens,
                promptNanos,
                evalTokens,
                evalNanos,
                sampled,
                sampleNanos,
                session.kvBytes(),
                session.kvLoss().since(lossBefore));
    }

    /** Cancels. The session stays usable. */
    @Override
    public void close() {
        cancel();
        if (stopReason == null) {
            stopReason = StopReason.CANCELLED;
        }
    }
}
