package dev.quipu.bench.eviction.report;

import dev.quipu.bench.eviction.report.Samples.Setting;
import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.result.Measurement;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.bench.eviction.statistics.Bootstrap;
import dev.quipu.bench.eviction.statistics.Interval;
import dev.quipu.bench.eviction.statistics.PooledQuantile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** From single measurements to a {@link Result} for each policy, kind of rows and budget. */
public final class Summary {
    static final String PERTURBATION = "perturbation";
    static final String LANGUAGE = "language";
    static final String RETRIEVAL = "retrieval";
    static final String SYSTEMS = "systems";

    /** Full-cache accuracy from which on a kind of question counts. */
    static final double SOLVABLE = 0.6;

    private static final String SNAPKV = "snapkv";

    /** The policies that divergences are compared with, by what the difference is called. */
    private static final Map<Metric, String> RIVALS = Map.of(
            Metric.KL_VS_SNAPKV, SNAPKV,
            Metric.KL_VS_H2O, "h2o",
            Metric.KL_VS_STREAMING, "streaming",
            Metric.KL_VS_RANDOM, "random");

    private final Samples samples;
    private final Bootstrap bootstrap;
    private final UnaryOperator<String> baseline;
    private final int group;
    private final Set<String> solvable;

    /**
     * @param baseline from the text of a policy to that of the same score with topk
     * @param group query heads that share a KV head
     */
    public Summary(RunDirectory run, Bootstrap bootstrap, UnaryOperator<String> baseline, int group) {
        this.samples = new Samples(run);
        this.bootstrap = bootstrap;
        this.baseline = baseline;
        this.group = group;
        solvable = new HashSet<>();
        cells(run).stream().filter(RetrievalCell::counts).forEach(cell -> solvable.add(cell.name()));
    }

    /** Every setting, in the order in which it was first measured. */
    public List<Result> results() {
        return samples.settings().stream().map(this::result).toList();
    }

    private Result result(Setting setting) {
        Map<Metric, Interval> numbers = new EnumMap<>(Metric.class);
        String base = setting.policy().equals(Key.FULL) ? Key.FULL : baseline.apply(setting.policy());
        perturbation(setting, base, numbers);
        language(setting, numbers);
        retrieval(setting, numbers);
        systems(setting, numbers);
        return new Result(setting.policy(), setting.rows(), setting.budget(), base, numbers);
    }

    private void perturbation(Setting setting, String base, Map<Metric, Interval> numbers) {
        Collection<Measurement> own = samples.of(PERTURBATION, setting).values();
        if (own.isEmpty()) {
            return;
        }
        double[] means = own.stream()
                .mapToDouble(one -> Losses.mean(one.numbers("losses")))
                .toArray();
        numbers.put(Metric.MEAN_L, bootstrap.mean(means));
        numbers.put(Metric.KV_BYTES, mean(own, "kv_bytes"));
        Setting topk = new Setting(base, setting.rows(), setting.budget());
        numbers.put(Metric.HEADS_IMPROVED, compared(setting, topk, Losses::shareBelow));
        numbers.put(Metric.GROUPS_IMPROVED, compared(setting, topk, (losses, choice) -> losses.grouped(group)
                .shareBelow(choice)));
        Setting snapkv = new Setting(SNAPKV, setting.rows(), setting.budget());
        numbers.put(Metric.HEADS_VS_SNAPKV, compared(setting, snapkv, Losses::shareBelow));
        numbers.put(Metric.RATIO_VS_SNAPKV, compared(setting, snapkv, Losses::ratio));
    }

    private Interval compared(Setting a, Setting b, BiFunction<Losses, int[], Double> statistic) {
        List<String> items = samples.common(PERTURBATION, a, b);
        Losses losses = new Losses(losses(a, items), losses(b, items));
        return bootstrap.interval(items.size(), choice -> statistic.apply(losses, choice));
    }

    private double[][] losses(Setting setting, List<String> items) {
        Map<String, Measurement> all = samples.of(PERTURBATION, setting);
        return items.stream()
                .map(item -> Objects.requireNonNull(all.get(item)).numbers("losses"))
                .toArray(double[][]::new);
    }

    /** Ratio of L, per layer and query head, to that of another policy at the same budget; empty if not measured. */
    public double[] ratios(Result result, String other) {
        Setting a = new Setting(result.policy(), result.rows(), result.budget());
        Setting b = new Setting(other, result.rows(), result.budget());
        List<String> items = samples.common(PERTURBATION, a, b);
        return items.isEmpty() ? new double[0] : new Losses(losses(a, items), losses(b, items)).ratios();
    }

    private void language(Setting setting, Map<Metric, Interval> numbers) {
        Map<String, Measurement> own = samples.of(LANGUAGE, setting);
        if (own.isEmpty()) {
            return;
        }
        double[][] divergences =
                own.values().stream().map(one -> one.numbers("kl")).toArray(double[][]::new);
        PooledQuantile median = new PooledQuantile(divergences, 0.5);
        PooledQuantile p99 = new PooledQuantile(divergences, 0.99);
        numbers.put(Metric.MEAN_KL, bootstrap.mean(means(own.values())));
        numbers.put(Metric.MEDIAN_KL, bootstrap.interval(divergences.length, median::of));
        numbers.put(Metric.P99_KL, bootstrap.interval(divergences.length, p99::of));
        numbers.put(Metric.DELTA_NLL, mean(own.values(), "delta_nll"));
        numbers.put(Metric.TOP1_AGREEMENT, mean(own.values(), "agreement"));
        numbers.put(Metric.KV_BYTES, mean(own.values(), "kv_bytes"));
        RIVALS.forEach((metric, rival) -> klDifference(setting, rival, own, metric, numbers));
    }

    /** Mean KL less that of another policy at the same bytes, document by document. */
    private void klDifference(
            Setting setting, String rival, Map<String, Measurement> own, Metric metric, Map<Metric, Interval> numbers) {
        Setting other = new Setting(rival, setting.rows(), setting.budget());
        List<String> items = samples.common(LANGUAGE, setting, other);
        if (items.isEmpty()) {
            return;
        }
        Map<String, Measurement> others = samples.of(LANGUAGE, other);
        double[] a = means(items.stream().map(own::get).toList());
        double[] b = means(items.stream().map(others::get).toList());
        double[] differences = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            differences[i] = a[i] - b[i];
        }
        numbers.put(metric, bootstrap.mean(differences));
    }

    private static double[] means(Collection<Measurement> measurements) {
        return measurements.stream()
                .mapToDouble(one -> Losses.mean(one.numbers("kl")))
                .toArray();
    }

    private Interval mean(Collection<Measurement> measurements, String name) {
        return bootstrap.mean(
                measurements.stream().mapToDouble(one -> one.number(name)).toArray());
    }

    private void retrieval(Setting setting, Map<Metric, Interval> numbers) {
        Collection<Measurement> own = samples.of(RETRIEVAL, setting).values();
        if (own.isEmpty()) {
            return;
        }
        numbers.put(Metric.ANSWER_NLL, mean(own, "answer_nll"));
        numbers.put(Metric.ANSWER_RANK, mean(own, "answer_rank"));
        numbers.putIfAbsent(Metric.KV_BYTES, mean(own, "kv_bytes"));
        List<Measurement> counted = own.stream()
                .filter(one -> solvable.contains(RetrievalCell.name(one)))
                .toList();
        if (!counted.isEmpty()) {
            numbers.put(Metric.RETRIEVAL_ACCURACY, mean(counted, "exact"));
        }
    }

    /** The kinds of questions: task and length, with what the full cache makes of them. */
    public static List<RetrievalCell> cells(RunDirectory run) {
        Map<String, List<Measurement>> byName = new LinkedHashMap<>();
        run.all().stream()
                .filter(one -> one.key().experiment().equals(RETRIEVAL)
                        && one.key().policy().equals(Key.FULL))
                .forEach(one -> byName.computeIfAbsent(RetrievalCell.name(one), name -> new ArrayList<>())
                        .add(one));
        return byName.entrySet().stream()
                .map(entry -> RetrievalCell.of(entry.getKey(), entry.getValue()))
                .toList();
    }

    private void systems(Setting setting, Map<Metric, Interval> numbers) {
        Collection<Measurement> own = samples.of(SYSTEMS, setting).values();
        if (!own.isEmpty()) {
            numbers.put(Metric.PROMPT_TOK_S, mean(own, "prompt_tok_s"));
            numbers.put(Metric.DECODE_TOK_S, mean(own, "decode_tok_s"));
            numbers.put(Metric.RESIDENT_BYTES, mean(own, "kv_bytes"));
            numbers.put(Metric.EVICTION_MS, mean(own, "eviction_ms"));
            numbers.putIfAbsent(Metric.KV_BYTES, mean(own, "kv_bytes"));
        }
    }
}
