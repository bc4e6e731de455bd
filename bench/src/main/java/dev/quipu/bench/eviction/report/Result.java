package dev.quipu.bench.eviction.report;

import dev.quipu.bench.eviction.statistics.Interval;
import java.util.Map;
import java.util.Optional;

/**
 * All numbers of one policy, kind of rows and budget, with 95 % intervals over documents.
 *
 * @param policy its text; {@code full} for the cache that forgets nothing
 * @param rows how keys and values are stored
 * @param budget share of the bytes of a full cache
 * @param improvedOver what {@code heads_improved} compares with: the policy of the same score with {@code topk}
 * @param numbers by name, those that were measured
 */
public record Result(String policy, String rows, double budget, String improvedOver, Map<Metric, Interval> numbers) {

    public Optional<Interval> number(Metric metric) {
        return Optional.ofNullable(numbers.get(metric));
    }
}
