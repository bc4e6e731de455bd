package dev.quipu.bench.eviction.result;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What came out of one measurement.
 *
 * @param values numbers, texts, and lists of numbers by name
 */
public record Measurement(Key key, Map<String, Object> values) {
    /** As a line of JSON's object. */
    Map<String, Object> line() {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("experiment", key.experiment());
        line.put("item", key.item());
        line.put("policy", key.policy());
        line.put("rows", key.rows());
        line.put("budget", key.budget());
        line.putAll(values);
        return line;
    }

    static Measurement of(Map<String, Object> line) {
        Map<String, Object> values = new LinkedHashMap<>(line);
        Key key = new Key(
                String.valueOf(values.remove("experiment")),
                String.valueOf(values.remove("item")),
                String.valueOf(values.remove("policy")),
                String.valueOf(values.remove("rows")),
                number(values.remove("budget")));
        return new Measurement(key, values);
    }

    private static double number(@Nullable Object value) {
        return ((Number) Objects.requireNonNull(value)).doubleValue();
    }

    public double number(String name) {
        return number(values.get(name));
    }

    public String text(String name) {
        return String.valueOf(values.get(name));
    }

    public double[] numbers(String name) {
        return ((List<?>) Objects.requireNonNull(values.get(name)))
                .stream().mapToDouble(Measurement::number).toArray();
    }

    /** Numbers as they are stored: seven digits are enough. */
    public static List<Float> stored(double[] numbers) {
        return IntStream.range(0, numbers.length)
                .mapToObj(i -> (float) numbers[i])
                .toList();
    }
}
