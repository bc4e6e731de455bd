package dev.quipu.kvcache.eviction;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What an evicting cache keeps: score x selection x allocation, and what is protected.
 *
 * @param name name of the preset it comes from
 * @param scorer how important a cell is
 * @param selection which cells stay
 * @param heads how a layer's cells are split over its heads
 * @param layers how the cells are split over layers
 * @param sinks cells at the start that always stay
 * @param window cells at the end that always stay, and queries that are observed; 1 to 32
 * @param ties which of two cells with equal scores stays
 * @param claims by which scores heads and layers compete
 */
public record KvPolicy(
        String name,
        Scorer scorer,
        Selection selection,
        HeadAllocation heads,
        LayerAllocation layers,
        int sinks,
        int window,
        Ties ties,
        Claims claims) {

    public KvPolicy {
        if (sinks < 0 || window < 1 || window > HeadObservation.LANES) {
            throw new IllegalArgumentException(sinks + " sinks, window of " + window);
        }
    }

    /**
     * Reads a preset and, after it, parameters by name, between commas or blanks: {@code snapkv}, {@code critical-adakv
     * alpha=0.25, pool=none}.
     *
     * @throws IllegalArgumentException if there is no such preset or parameter, or the value is not allowed
     */
    public static KvPolicy parse(String text) {
        String[] parts = text.strip().split("[,\\s]+", -1);
        KvPolicy policy = KvPreset.named(parts[0]).policy();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + parts[i] + "' in KV policy '" + text + "' is not key=value");
            }
            PolicyParameter parameter = PolicyParameter.named(parts[i].substring(0, equals));
            policy = parameter.set(policy, parts[i].substring(equals + 1));
        }
        return policy;
    }

    /** The policy in the form that {@link #parse} reads: its preset and what differs from it. */
    public String text() {
        StringBuilder text = new StringBuilder(name);
        KvPolicy read = KvPreset.named(name).policy();
        for (PolicyParameter parameter : PolicyParameter.values()) {
            Optional<String> value = parameter.get(this);
            if (value.isPresent() && !value.equals(parameter.get(read))) {
                text.append(' ').append(parameter.key()).append('=').append(value.get());
                read = parameter.set(read, value.get());
            }
        }
        return text.toString();
    }

    /** What the cache must know for it. */
    public Set<Statistic> needs() {
        EnumSet<Statistic> needs = EnumSet.noneOf(Statistic.class);
        needs.addAll(scorer.needs());
        needs.addAll(selection.needs());
        claims.scorer().ifPresent(scores -> needs.addAll(scores.needs()));
        return needs;
    }

    public KvPolicy withScorer(Scorer scorer) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window, ties, claims);
    }

    public KvPolicy withSelection(Selection selection) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window, ties, claims);
    }

    public KvPolicy withHeads(HeadAllocation heads) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window, ties, claims);
    }

    public KvPolicy withLayers(LayerAllocation layers) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window, ties, claims);
    }

    public KvPolicy withProtected(int sinks, int window) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window, ties, claims);
    }

    public KvPolicy withTies(Ties ties) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window, ties, claims);
    }

    public KvPolicy withClaims(Claims claims) {
        return new KvPolicy(name, scorer, selection, heads, layers, sinks, window, ties, claims);
    }
}
