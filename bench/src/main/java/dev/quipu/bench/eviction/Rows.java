package dev.quipu.bench.eviction;

import dev.quipu.kvcache.KvType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How keys and values are stored.
 *
 * @param keys encoding of the keys
 * @param values encoding of the values
 */
public record Rows(KvType keys, KvType values) {
    /** Reads {@code q8_0}, or {@code q8_0/q4_0} for keys and values apart. */
    static Rows parse(String text) {
        String[] parts = text.strip().split("/", 2);
        KvType keys = type(parts[0]);
        return new Rows(keys, parts.length == 1 ? keys : type(parts[1]));
    }

    static List<Rows> parseList(String text) {
        return Arrays.stream(text.split(",")).map(Rows::parse).toList();
    }

    private static KvType type(String text) {
        try {
            return KvType.valueOf(text.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'%s' is no type of rows; there are f32, f16, q8_0, q4_0".formatted(text), e);
        }
    }

    /** In the form that {@link #parse} reads. */
    public String text() {
        String k = keys.name().toLowerCase(Locale.ROOT);
        return keys == values ? k : k + "/" + values.name().toLowerCase(Locale.ROOT);
    }
}
