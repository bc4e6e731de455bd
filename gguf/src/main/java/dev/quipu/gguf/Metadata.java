package dev.quipu.gguf;

import dev.quipu.gguf.MetadataValue.BoolValue;
import dev.quipu.gguf.MetadataValue.FloatArray;
import dev.quipu.gguf.MetadataValue.FloatValue;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.IntegerArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.StringArray;
import dev.quipu.gguf.MetadataValue.StringValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The key-value pairs of a file, in its order. A getter returns empty for an absent key, and throws
 * IllegalArgumentException, naming key and types, where the value is of another kind.
 */
public final class Metadata {
    private final Map<String, MetadataValue> values;

    public Metadata(Map<String, MetadataValue> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    public Set<String> keys() {
        return values.keySet();
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public Optional<MetadataValue> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    public Optional<String> string(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case StringValue s -> Optional.of(s.value());
            case MetadataValue other -> throw wrongKind(key, "a string", other);
        };
    }

    /** An integer of any type. */
    public OptionalLong integer(String key) {
        return switch (values.get(key)) {
            case null -> OptionalLong.empty();
            case IntegerValue i -> OptionalLong.of(i.value());
            case MetadataValue other -> throw wrongKind(key, "an integer", other);
        };
    }

    /** A number of any type. */
    public OptionalDouble number(String key) {
        return switch (values.get(key)) {
            case null -> OptionalDouble.empty();
            case IntegerValue i -> OptionalDouble.of(i.value());
            case FloatValue f -> OptionalDouble.of(f.value());
            case MetadataValue other -> throw wrongKind(key, "a number", other);
        };
    }

    public Optional<Boolean> bool(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case BoolValue b -> Optional.of(b.value());
            case MetadataValue other -> throw wrongKind(key, "a bool", other);
        };
    }

    /** The array itself, not a copy: vocabularies are large. */
    public Optional<String[]> strings(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case StringArray s -> Optional.of(s.strings());
            case MetadataValue other -> throw wrongKind(key, "an array of strings", other);
        };
    }

    /** Integers of 32 bits or less, or of 64 bits that fit. The array itself, not a copy. */
    public Optional<int[]> ints(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case IntArray i -> Optional.of(i.ints());
            case IntegerArray i -> Optional.of(narrowed(key, i.longs()));
            case MetadataValue other -> throw wrongKind(key, "an array of integers", other);
        };
    }

    private static int[] narrowed(String key, long[] longs) {
        int[] ints = new int[longs.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) longs[i];
            if (ints[i] != longs[i]) {
                throw new IllegalArgumentException(
                        "metadata key " + key + " holds " + longs[i] + ", which does not fit into 32 bits");
            }
        }
        return ints;
    }

    /** The array itself, not a copy. */
    public Optional<float[]> floats(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case FloatArray f -> Optional.of(f.floats());
            case MetadataValue other -> throw wrongKind(key, "an array of f32", other);
        };
    }

    private static IllegalArgumentException wrongKind(String key, String expected, MetadataValue found) {
        return new IllegalArgumentException(
                "metadata key " + key + " is of type " + found.kind() + ", expected " + expected);
    }
}
