package dev.quipu.kvcache.eviction;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How a parameter is read from a policy and written to it, as text.
 *
 * @param read empty where the policy has no such parameter
 * @param write asked only where there is one; throws IllegalArgumentException for a value that it cannot have
 */
record Setting(Function<KvPolicy, Optional<String>> read, BiFunction<KvPolicy, String, KvPolicy> write) {
    /** Of every policy. */
    static Setting of(Function<KvPolicy, String> get, BiFunction<KvPolicy, String, KvPolicy> set) {
        return new Setting(policy -> Optional.of(get.apply(policy)), set);
    }

    /** Of policies whose scores are of this kind. */
    static <S extends Scorer> Setting ofScorer(
            Class<S> kind, Function<S, String> get, BiFunction<S, String, Scorer> set) {
        return of(kind, KvPolicy::scorer, get, (policy, scorer, value) -> policy.withScorer(set.apply(scorer, value)));
    }

    /** Of policies whose selection is of this kind. */
    static <S extends Selection> Setting ofSelection(
            Class<S> kind, Function<S, String> get, BiFunction<S, String, Selection> set) {
        return of(kind, KvPolicy::selection, get, (policy, old, value) -> policy.withSelection(set.apply(old, value)));
    }

    /** Of policies that split a layer's cells in this way. */
    static <S extends HeadAllocation> Setting ofHeads(
            Class<S> kind, Function<S, String> get, BiFunction<S, String, HeadAllocation> set) {
        return of(kind, KvPolicy::heads, get, (policy, old, value) -> policy.withHeads(set.apply(old, value)));
    }

    /** Of policies that split the cells over layers in this way. */
    static <S extends LayerAllocation> Setting ofLayers(
            Class<S> kind, Function<S, String> get, BiFunction<S, String, LayerAllocation> set) {
        return of(kind, KvPolicy::layers, get, (policy, old, value) -> policy.withLayers(set.apply(old, value)));
    }

    private interface Writer<S> {
        KvPolicy write(KvPolicy policy, S part, String value);
    }

    private static <S> Setting of(
            Class<S> kind, Function<KvPolicy, ?> part, Function<S, String> get, Writer<S> writer) {
        return new Setting(
                policy -> Optional.of(part.apply(policy))
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .map(get),
                (policy, value) -> writer.write(policy, kind.cast(part.apply(policy)), value));
    }

    /** The same parameter where policies of another kind have it. */
    Setting or(Setting other) {
        return new Setting(
                policy -> read.apply(policy).or(() -> other.read.apply(policy)),
                (policy, value) -> (read.apply(policy).isPresent() ? this : other).write.apply(policy, value));
    }
}
