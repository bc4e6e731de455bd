package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.data.Question;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.runtime.Session;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether a fact can still be found. The cache shrinks after the text and before the question (or, if the question may be
 * known, after it); then the model is led through the right answer. It would have given that answer by itself if each of its
 * tokens was the likeliest.
 */
final class RetrievalExperiment implements Experiment {
    static final String NAME = "retrieval";

    private final Caches caches;
    private final StudyOptions options;
    private final RunDirectory run;
    private final Trials trials;
    private final LeftOut leftOut = new LeftOut();

    RetrievalExperiment(Caches caches, StudyOptions options, RunDirectory run) {
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
        return options.questions().size();
    }

    /**
     * A question in tokens.
     *
     * @param prompt what is read before the cache shrinks
     * @param rest what is read after it: the rest of the question, and the answer
     * @param answer tokens of the answer, at the end of the rest
     */
    private record Tokens(int[] prompt, int[] rest, int answer) {}

    private Tokens tokens(Question question) {
        int[] context = encode(question.context());
        int[] asked = encode(question.context() + question.question());
        int[] answered = encode(question.context() + question.question() + question.answer());
        int start = common(asked, answered);
        int split = options.questionAware() ? start - 1 : Math.min(common(context, asked), start - 1);
        return new Tokens(
                Arrays.copyOf(answered, split),
                Arrays.copyOfRange(answered, split, answered.length),
                answered.length - start);
    }

    private int[] encode(String text) {
        return caches.model().tokenizer().encode(text, true, false);
    }

    private static int common(int[] a, int[] b) {
        int mismatch = Arrays.mismatch(a, b);
        return mismatch < 0 ? a.length : mismatch;
    }

    @Override
    public boolean run(int step) throws IOException {
        Question question = options.questions().get(step);
        boolean measured = false;
        for (Rows rows : options.rows()) {
            if (trials.lacks(question.name(), rows)) {
                measured |= measure(question, rows);
            }
        }
        return measured;
    }

    private boolean measure(Question question, Rows rows) throws IOException {
        Tokens tokens = tokens(question);
        int prompt = tokens.prompt.length;
        if (prompt > options.maxTokens()) {
            leftOut.add("questions with more than " + options.maxTokens() + " tokens");
            return false;
        }
        int context = prompt + tokens.rest.length;
        try (Session full = caches.open(rows, StudyOptions.needs(options.contenders()), context)) {
            full.evaluate(tokens.prompt);
            if (trials.lacksFull(question.name(), rows)) {
                try (Session fork = full.fork()) {
                    long bytes = caches.fullBytes(prompt, rows);
                    run.add(trials.full(question.name(), rows), answer(question, tokens, fork, bytes));
                }
            }
            for (Trials.Trial trial : trials.missing(question.name(), rows)) {
                int cells = caches.cells(trial.budget(), prompt, rows);
                if (!leftOut.affords(trial.contender().policy(), trial.budget(), cells)) {
                    continue;
                }
                EvictionPlan plan = full.plan(trial.contender().policy(), new KvBudget.Tokens(cells));
                try (Session fork = full.fork()) {
                    fork.apply(plan);
                    run.add(trial.key(), answer(question, tokens, fork, caches.bytes(plan, rows)));
                }
            }
        }
        return true;
    }

    private static Map<String, Object> answer(Question question, Tokens tokens, Session session, long bytes) {
        int[] fed = Arrays.copyOf(tokens.rest, tokens.rest.length - 1);
        double[] nll = new double[1];
        long[] ranks = new long[2];
        int first = session.position();
        session.evaluateAll(fed, (position, logits) -> {
            int next = position - first + 1;
            if (next >= tokens.rest.length - tokens.answer) {
                float logit = logits[tokens.rest[next]];
                nll[0] += NextTokens.total(logits) - logit;
                int rank = 1;
                for (float other : logits) {
                    rank += other > logit ? 1 : 0;
                }
                ranks[0] += rank;
                ranks[1] = Math.max(ranks[1], rank);
            }
        });
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("task", question.task());
        values.put("length", question.length());
        values.put("depth", question.depth());
        values.put("exact", ranks[1] == 1 ? 1 : 0);
        values.put("answer_nll", nll[0] / tokens.answer);
        values.put("answer_rank", (double) ranks[0] / tokens.answer);
        values.put("kv_bytes", bytes);
        return values;
    }
}
