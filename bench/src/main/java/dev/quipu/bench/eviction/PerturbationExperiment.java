package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.data.Document;
import dev.quipu.bench.eviction.result.Measurement;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.PerturbationTable;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.KvPreset;
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
 * How much the output of each query head moves when cells are forgotten (arXiv 2502.03805). The policies choose after the
 * prompt, which is all of the document but its last 32 tokens, and are judged by the queries of those, which none of them has
 * seen; the cache itself stays full. {@code L = || o - o_hat ||_1} in the residual stream, averaged over the judging queries.
 */
final class PerturbationExperiment implements Experiment {
    static final String NAME = "perturbation";

    /** Losses of all query heads, layer by layer. */
    static final String LOSSES = "losses";

    static final int JUDGES = 32;
    private static final int SHORTEST = 400;
    private static final int FEWEST_CELLS = 8;

    private final Caches caches;
    private final StudyOptions options;
    private final RunDirectory run;
    private final List<Contender> contenders = new ArrayList<>();
    private final Trials trials;
    private final LeftOut leftOut = new LeftOut();

    PerturbationExperiment(Caches caches, StudyOptions options, RunDirectory run) {
        this.caches = caches;
        this.options = options;
        this.run = run;
        options.contenders().forEach(this::add);
        options.contenders().forEach(contender -> add(contender.baseline()));
        add(new Contender(KvPreset.SNAPKV.policy(), false));
        trials = new Trials(NAME, contenders, options.budgets(), run);
    }

    private void add(Contender contender) {
        if (contenders.stream().noneMatch(other -> other.text().equals(contender.text()))) {
            contenders.add(contender);
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
        return options.documents().size();
    }

    @Override
    public boolean run(int step) throws IOException {
        Document document = options.documents().get(step);
        Rows rows = options.rows().getFirst();
        List<Trials.Trial> missing = trials.missing(document.name(), rows);
        if (missing.isEmpty()) {
            return false;
        }
        int[] tokens = caches.model().tokenizer().encode(document.text(), true, false);
        tokens = Arrays.copyOf(tokens, Math.min(tokens.length, options.maxTokens() + JUDGES));
        if (tokens.length < SHORTEST) {
            leftOut.add("documents that --max-tokens or their end cuts below %d tokens".formatted(SHORTEST));
            return false;
        }
        Set<Statistic> needs = EnumSet.of(Statistic.WINDOW_ATTENTION, Statistic.VALUE_NORM);
        needs.addAll(StudyOptions.needs(contenders));
        int prompt = tokens.length - JUDGES;
        try (Session session = caches.open(rows, needs, tokens.length)) {
            session.evaluate(Arrays.copyOf(tokens, prompt));
            List<EvictionPlan> plans = plans(session, missing, prompt);
            session.evaluate(Arrays.copyOfRange(tokens, prompt, tokens.length));
            PerturbationTable table = session.audit(plans, JUDGES);
            for (int i = 0; i < plans.size(); i++) {
                long bytes = caches.bytes(plans.get(i), rows);
                List<Float> losses = Measurement.stored(losses(table, i));
                run.add(missing.get(i).key(), Map.of(LOSSES, losses, "kv_bytes", bytes, "tokens", prompt));
            }
        }
        return true;
    }

    /** In the order of the trials, those of one policy together. */
    private static List<EvictionPlan> plans(Session session, List<Trials.Trial> wanted, int prompt) {
        List<EvictionPlan> plans = new ArrayList<>();
        while (plans.size() < wanted.size()) {
            Contender contender = wanted.get(plans.size()).contender();
            KvPolicy policy = contender.withoutSinks();
            List<KvBudget> budgets = new ArrayList<>();
            for (int i = plans.size();
                    i < wanted.size() && wanted.get(i).contender().equals(contender);
                    i++) {
                int cells = Math.max(FEWEST_CELLS, (int) (wanted.get(i).budget() * prompt) - policy.window());
                budgets.add(new KvBudget.Tokens(policy.window() + cells));
            }
            plans.addAll(session.plans(policy, budgets));
        }
        return plans;
    }

    private double[] losses(PerturbationTable table, int plan) {
        int heads = caches.model().config().heads();
        double[] losses = new double[caches.model().config().layers() * heads];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = table.meanLoss(plan, i / heads, i % heads);
        }
        return losses;
    }
}
