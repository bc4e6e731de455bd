package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A choice between things that have names. */
final class Choice {
    private Choice() {}

    /** An enum constant's name in texts. */
    static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** The constant of this name. */
    static <T extends Enum<T>> T of(T[] all, String wanted) {
        return of(all, Choice::text, wanted);
    }

    /**
     * The one of this name, in letters of any case.
     *
     * @throws IllegalArgumentException if none has it
     */
    static <T> T of(T[] all, Function<T, String> name, String wanted) {
        return Arrays.stream(all)
                .filter(one -> name.apply(one).equals(wanted.toLowerCase(Locale.ROOT)))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("'%s' is none of %s"
                        .formatted(wanted, Arrays.stream(all).map(name).collect(Collectors.joining(", ")))));
    }
}
