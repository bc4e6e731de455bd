package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The published methods by name, as combinations of the axes, with the constants of their papers. */
public enum KvPreset {
    STREAMING("attention sinks and a recent window", "arXiv 2309.17453", new Recency(), new TopK()),
    RANDOM("random cells: the floor", "", new RandomScore(1), new TopK()),
    H2O("heavy hitters: accumulated attention", "arXiv 2306.14048", new H2o(), new TopK()),
    TOVA("attention of the last query, all heads of a layer", "arXiv 2401.06104", new Tova(), new TopK()),
    SNAPKV("mean attention of the window, max-pooled over 7", "arXiv 2404.14469", snap(), new TopK()),
    PYRAMIDKV("SnapKV with fewer cells in later layers", "arXiv 2406.02069", snap(), new TopK(), uniform(), pyramid()),
    ADAKV("SnapKV with head budgets by score", "arXiv 2407.11550", snap(), new TopK(), ada(), even()),
    CRITICALKV("SnapKV, two stages by attention and value norm", "arXiv 2502.03805", average(), critical()),
    CRITICAL_ADAKV("CriticalKV with head budgets by score", "arXiv 2502.03805", average(), critical(), ada(), even()),
    DEFENSIVEKV("worst case over window and group", "arXiv 2510.13334", defensive(), critical(), ada(), even()),
    LAYER_DEFENSIVEKV(
            "DefensiveKV with one ranking over layers",
            "arXiv 2510.13334",
            defensive(),
            critical(),
            ada(),
            new LayerAllocation.Global()),
    CORM("what no query of the last 256 found important goes", "arXiv 2404.15949", new Corm(), new Threshold(256)),
    EXPECTED("attention that future queries are expected to pay", "arXiv 2510.00636", new Expected(), new TopK()),
    KEYDIFF("keys unlike the mean key", "arXiv 2504.15364", new KeyDiff(), new TopK()),
    PREFIXKV("equal share of score mass in every layer", "arXiv 2412.03409", snap(), new TopK(), uniform(), prefix()),
    LOO("leave-one-out error of the output", "Quipu", new LeaveOneOut(0, Pooling.NONE), new TopK()),
    FORESIGHT("leave-one-out error as the queries to come will see it", "Quipu", Foresight.DEFAULT, new TopK()),
    INSIGHT("foresight, and the attention received so far", "Quipu", Foresight.DEFAULT.withMemory(1), new TopK()),
    FARSIGHT(
            "foresight, a doubt, and more cells for heads whose queries look at different ones",
            "Quipu",
            Foresight.DEFAULT.withPrior(1),
            new TopK(),
            ada(),
            new LayerAllocation.Global(),
            Claims.FORESEEN);

    private final String summary;
    private final String source;
    private final KvPolicy policy;

    KvPreset(String summary, String source, Scorer scorer, Selection selection) {
        this(summary, source, scorer, selection, uniform(), even());
    }

    KvPreset(
            String summary,
            String source,
            Scorer scorer,
            Selection selection,
            HeadAllocation heads,
            LayerAllocation layers) {
        this(summary, source, scorer, selection, heads, layers, Claims.SCORE);
    }

    KvPreset(
            String summary,
            String source,
            Scorer scorer,
            Selection selection,
            HeadAllocation heads,
            LayerAllocation layers,
            Claims claims) {
        this.summary = summary;
        this.source = source;
        policy = new KvPolicy(presetName(), scorer, selection, heads, layers, 4, 32, Ties.EARLY, claims);
    }

    /** Its name on the command line. */
    public String presetName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What it does, in a few words. */
    public String summary() {
        return summary;
    }

    /** Where it comes from. */
    public String source() {
        return source;
    }

    public KvPolicy policy() {
        return policy;
    }

    /** The preset of a name as on the command line. {@code full} is none: it is the cache that does not evict. */
    public static KvPreset named(String name) {
        return Arrays.stream(values())
                .filter(preset -> preset.presetName().equals(name.toLowerCase(Locale.ROOT)))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("no KV policy '%s'; there are full, %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(KvPreset::presetName)
                                        .collect(Collectors.joining(", ")))));
    }

    private static Scorer snap() {
        return new SnapKv(new Pooling(Pooling.Kind.MAX, 7));
    }

    private static Scorer average() {
        return new SnapKv(new Pooling(Pooling.Kind.AVERAGE, 5));
    }

    private static Scorer defensive() {
        return new Defensive(new Pooling(Pooling.Kind.AVERAGE, 5));
    }

    private static Selection critical() {
        return new Critical(0.5f, 1e-4f, false, ValueNorm.L2, false);
    }

    private static HeadAllocation uniform() {
        return new HeadAllocation.Uniform();
    }

    private static HeadAllocation ada() {
        return new HeadAllocation.Ada(0.2f);
    }

    private static LayerAllocation even() {
        return new LayerAllocation.Uniform();
    }

    private static LayerAllocation pyramid() {
        return new LayerAllocation.Pyramid(20);
    }

    private static LayerAllocation prefix() {
        return new LayerAllocation.Prefix();
    }
}
