package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.data.Document;
import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.bench.eviction.statistics.Quantiles;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.runtime.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a policy costs and saves: bytes that the cache really holds, prompt tokens per second with the choice and the removal of
 * cells, and tokens per second afterwards. One step a policy and kind of rows, each with a cache that knows only what this
 * policy asks for; the first step is the full cache.
 */
final class SystemsExperiment implements Experiment {
    static final String NAME = "systems";

    /** Tokens before anything is timed, read and evicted by every policy: code must be compiled by then. */
    private static final int WARM_UP = 1024;

    private static final double WARM_UP_BUDGET = 0.5;
    private static final int SKIPPED = 4;
    private static final int TIMED = 32;

    private final Caches caches;
    private final StudyOptions options;
    private final RunDirectory run;
    private final List<Step> steps = new ArrayList<>();
    private final LeftOut leftOut = new LeftOut();
    private int[] tokens = new int[0];

    /** @param contender nobody for the full cache: an empty list */
    private record Step(Rows rows, List<Contender> contender) {}

    SystemsExperiment(Caches caches, StudyOptions options, RunDirectory run) {
        this.caches = caches;
        this.options = options;
        this.run = run;
        for (Rows rows : options.rows()) {
            steps.add(new Step(rows, List.of()));
            options.contenders().forEach(contender -> steps.add(new Step(rows, List.of(contender))));
        }
        Rows eight = Rows.parse("q8_0");
        if (!options.rows().contains(eight)) {
            steps.add(new Step(eight, List.of()));
        }
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
        return steps.size();
    }

    @Override
    public boolean run(int number) throws IOException {
        Step step = steps.get(number);
        List<Key> missing = keys(step).stream().filter(key -> !run.has(key)).toList();
        if (missing.isEmpty()) {
            return false;
        }
        if (tokens.length == 0) {
            tokens = prompt();
            warmUp();
        }
        Set<Statistic> needs = EnumSet.noneOf(Statistic.class);
        step.contender.forEach(contender -> needs.addAll(contender.policy().needs()));
        int context = tokens.length + SKIPPED + TIMED;
        try (Session session = caches.open(step.rows, needs, context)) {
            long start = System.nanoTime();
            session.evaluate(tokens);
            long prompt = System.nanoTime() - start;
            for (Key key : missing) {
                try (Session fork = session.fork()) {
                    run.add(key, measure(step, key.budget(), prompt, fork));
                }
            }
        }
        return true;
    }

    private List<Key> keys(Step step) {
        String item = Integer.toString(options.maxTokens());
        if (step.contender.isEmpty()) {
            return List.of(Key.full(NAME, item, step.rows.text()));
        }
        String policy = step.contender.getFirst().text();
        return options.budgets().stream()
                .filter(budget -> leftOut.affords(
                        step.contender.getFirst().policy(),
                        budget,
                        caches.cells(budget, options.maxTokens(), step.rows)))
                .map(budget -> new Key(NAME, item, policy, step.rows.text(), budget))
                .toList();
    }

    /** As many tokens as the longest prompt has, of as many documents as that takes, again from the first if need be. */
    private int[] prompt() {
        StringBuilder text = new StringBuilder();
        int[] all = new int[0];
        for (int i = 0; all.length < options.maxTokens(); i++) {
            Document next = options.documents().get(i % options.documents().size());
            text.append(next.text()).append('\n');
            all = caches.model().tokenizer().encode(text.toString(), true, false);
        }
        return Arrays.copyOf(all, options.maxTokens());
    }

    private void warmUp() {
        int count = Math.min(WARM_UP, tokens.length);
        Rows rows = options.rows().getFirst();
        try (Session session = caches.open(rows, StudyOptions.needs(options.contenders()), count + TIMED)) {
            session.evaluate(Arrays.copyOf(tokens, count));
            for (Contender contender : options.contenders()) {
                try (Session fork = session.fork()) {
                    fork.apply(fork.plan(contender.policy(), new KvBudget.Share(WARM_UP_BUDGET)));
                }
            }
            decode(session, TIMED);
        }
    }

    private Map<String, Object> measure(Step step, double budget, long promptNanos, Session session) {
        long start = System.nanoTime();
        for (Contender contender : step.contender) {
            KvBudget cells = new KvBudget.Tokens(caches.cells(budget, tokens.length, step.rows));
            session.apply(session.plan(contender.policy(), cells));
        }
        long evicting = System.nanoTime() - start;
        long bytes = session.kvHeldBytes();
        decode(session, SKIPPED);
        double token = Quantiles.of(decode(session, TIMED), 0.5);
        return Map.of(
                "prompt_tok_s",
                1e9 * tokens.length / (promptNanos + evicting),
                "decode_tok_s",
                1e9 / token,
                "kv_bytes",
                bytes,
                "eviction_ms",
                evicting / 1e6,
                "tokens",
                tokens.length);
    }

    /** Nanoseconds of each of some single tokens. */
    private double[] decode(Session session, int count) {
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            session.evaluate(tokens[i % tokens.length]);
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }
}
