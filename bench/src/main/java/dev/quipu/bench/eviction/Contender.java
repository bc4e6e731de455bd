package dev.quipu.bench.eviction;

import dev.quipu.kvcache.eviction.Foresight;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.eviction.LayerAllocation;
import dev.quipu.kvcache.eviction.LeaveOneOut;
import dev.quipu.kvcache.eviction.PolicyParameter;
import dev.quipu.kvcache.eviction.RandomScore;
import dev.quipu.kvcache.eviction.Recency;
import dev.quipu.kvcache.eviction.Scorer;
import dev.quipu.kvcache.eviction.SnapKv;
import dev.quipu.kvcache.eviction.TopK;
import java.util.ArrayList;
import java.util.List;

/**
 * A policy that is measured.
 *
 * @param policy as the user wrote it
 * @param sinksAsked whether the text says how many sinks it protects
 */
public record Contender(KvPolicy policy, boolean sinksAsked) {
    /** The cache that does not evict. It is measured in any case. */
    private static final String FULL = "full";

    /** All presets. */
    private static final String PRESETS = "presets";

    /** Pooling x epsilon x alpha x group aggregation x centring. */
    private static final String ABLATION = "ablation";

    static Contender parse(String text) {
        return new Contender(KvPolicy.parse(text), text.contains("sinks="));
    }

    /**
     * Reads policies between commas; a part with an equals sign belongs to the policy before it:
     * {@code snapkv,pool=none,loo,presets}.
     */
    static List<Contender> parseList(String text) {
        List<String> texts = new ArrayList<>();
        for (String part : text.split(",")) {
            String trimmed = part.strip();
            if (trimmed.matches("[a-z]+=\\S+") && !texts.isEmpty()) {
                texts.set(texts.size() - 1, texts.getLast() + " " + trimmed);
            } else {
                texts.add(trimmed);
            }
        }
        List<Contender> contenders = new ArrayList<>();
        for (String one : texts) {
            switch (one) {
                case FULL -> {}
                case PRESETS -> {
                    for (KvPreset preset : KvPreset.values()) {
                        add(contenders, new Contender(preset.policy(), false));
                    }
                }
                case ABLATION -> ablation().forEach(policy -> add(contenders, parse(policy)));
                default -> add(contenders, parse(one));
            }
        }
        return List.copyOf(contenders);
    }

    private static void add(List<Contender> contenders, Contender contender) {
        if (contenders.stream().noneMatch(other -> other.text().equals(contender.text()))) {
            contenders.add(contender);
        }
    }

    private static List<String> ablation() {
        List<String> policies = new ArrayList<>();
        for (String pool : new String[] {"none", "avg5", "max7"}) {
            policies.add("snapkv pool=" + pool);
            for (String epsilon : new String[] {"0", "1e-4"}) {
                for (String alpha : new String[] {"0", "0.5"}) {
                    for (String group : new String[] {"sum", "kvpress"}) {
                        for (String centre : new String[] {"none", "mean"}) {
                            policies.add("criticalkv pool=%s alpha=%s epsilon=%s group=%s centre=%s"
                                    .formatted(pool, alpha, epsilon, group, centre));
                        }
                    }
                }
            }
        }
        return policies;
    }

    /** Its name in results: the preset, and what differs from it. */
    public String text() {
        return policy.text();
    }

    /**
     * As the measurement of perturbations runs it: nothing but the window is protected, unless the text asks for sinks, or the
     * policy would lose them without looking: by a score that is blind to attention, or in layers that get next to nothing.
     */
    KvPolicy withoutSinks() {
        boolean blind = policy.scorer() instanceof Recency
                || policy.scorer() instanceof RandomScore
                || !(policy.layers() instanceof LayerAllocation.Uniform);
        return sinksAsked || blind ? policy : policy.withProtected(0, policy.window());
    }

    /**
     * What it must beat to have improved a head: the same attention score, pooled and split alike, with {@code topk}. For a
     * score that looks at values this is the mean attention of the window.
     */
    public Contender baseline() {
        Scorer scorer = policy.scorer();
        if (scorer instanceof LeaveOneOut || scorer instanceof Foresight) {
            String pooling = PolicyParameter.POOL.get(policy).orElse("none");
            scorer = PolicyParameter.POOL.set(KvPreset.SNAPKV.policy(), pooling).scorer();
        }
        KvPolicy named = scorer instanceof SnapKv ? KvPreset.SNAPKV.policy() : policy;
        KvPolicy base = named.withScorer(scorer)
                .withSelection(new TopK())
                .withHeads(policy.heads())
                .withLayers(policy.layers())
                .withProtected(policy.sinks(), policy.window());
        boolean attentionOnly = policy.selection() instanceof TopK && scorer.equals(policy.scorer());
        return attentionOnly ? this : new Contender(base, sinksAsked);
    }
}
