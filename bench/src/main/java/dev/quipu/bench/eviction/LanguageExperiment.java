package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.data.Document;
import dev.quipu.bench.eviction.result.Measurement;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.runtime.Session;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What forgetting does to the text that follows: after a prompt the cache shrinks, and the model reads the document's next 256
 * tokens with what is left. Compared with the full cache of the first kind of rows.
 */
final class LanguageExperiment implements Experiment {
    static final String NAME = "language";

    private static final int NEXT = 256;
    private static final int SHORTEST_PROMPT = 256;

    private final Caches caches;
    private final StudyOptions options;
    private final RunDirectory run;
    private final Trials trials;
    private final LeftOut leftOut = new LeftOut();

    LanguageExperiment(Caches caches, StudyOptions options, RunDirectory run) {
        this.caches = caches;
        this.options = options;
        this.run = run;
        trials = Trials.of(NAME, options, run);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String leftOut() {
        return leftOut.text();
    }

    @Override
    public int steps() {
        return options.documents().size();
    }

    @Override
    public boolean run(int step) throws IOException {
        Document document = options.documents().get(step);
        if (options.rows().stream().noneMatch(rows -> trials.lacks(document.name(), rows))) {
            return false;
        }
        int[] tokens = caches.model().tokenizer().encode(document.text(), true, false);
        int prompt = Math.min(options.maxTokens(), tokens.length - NEXT - 1);
        if (prompt < SHORTEST_PROMPT) {
            leftOut.add("documents that --max-tokens or their end cuts below %d tokens"
                    .formatted(SHORTEST_PROMPT + NEXT + 1));
            return false;
        }
        NextTokens next = null;
        for (Rows rows : options.rows()) {
            if (next == null || trials.lacks(document.name(), rows)) {
                next = measure(document, rows, Arrays.copyOf(tokens, prompt + NEXT + 1), prompt, next);
            }
        }
        return true;
    }

    private NextTokens measure(Document document, Rows rows, int[] tokens, int prompt, @Nullable NextTokens known)
            throws IOException {
        try (Session full = caches.open(rows, StudyOptions.needs(options.contenders()), tokens.length)) {
            full.evaluate(Arrays.copyOf(tokens, prompt));
            NextTokens next = known;
            try (Session fork = full.fork()) {
                next = next == null ? new NextTokens(fork, Arrays.copyOfRange(tokens, prompt, tokens.length)) : next;
            }
            if (trials.lacksFull(document.name(), rows)) {
                try (Session fork = full.fork()) {
                    long bytes = caches.fullBytes(prompt, rows);
                    run.add(trials.full(document.name(), rows), values(next.compare(fork), bytes, prompt));
                }
            }
            Map<BitSet, NextTokens.Comparison> seen = new HashMap<>();
            for (Trials.Trial trial : trials.missing(document.name(), rows)) {
                int cells = caches.cells(trial.budget(), prompt, rows);
                if (!leftOut.affords(trial.contender().policy(), trial.budget(), cells)) {
                    continue;
                }
                EvictionPlan plan = full.plan(trial.contender().policy(), new KvBudget.Tokens(cells));
                BitSet kept = caches.kept(plan, prompt);
                NextTokens.Comparison result = seen.get(kept);
                if (result == null) {
                    result = compare(full, plan, next);
                    seen.put(kept, result);
                }
                run.add(trial.key(), values(result, caches.bytes(plan, rows), prompt));
            }
            return next;
        }
    }

    private static NextTokens.Comparison compare(Session full, EvictionPlan plan, NextTokens next) {
        try (Session fork = full.fork()) {
            fork.apply(plan);
            return next.compare(fork);
        }
    }

    private static Map<String, Object> values(NextTokens.Comparison result, long bytes, int prompt) {
        return Map.of(
                "kl",
                Measurement.stored(result.divergences()),
                "delta_nll",
                result.deltaNll(),
                "agreement",
                result.agreement(),
                "kv_bytes",
                bytes,
                "tokens",
                prompt);
    }
}
