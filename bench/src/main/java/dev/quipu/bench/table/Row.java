package dev.quipu.bench.table;

import java.util.List;

/**
 * One result.
 *
 * @param fields llama-bench's, in its order, then our own
 * @param samplesNanos what each repetition took
 * @param samplesTokens tokens per second of each repetition
 * @param cells its line of the table for people, by column
 */
public record Row(List<Field> fields, List<Long> samplesNanos, List<Double> samplesTokens, List<String> cells) {
    public Row {
        fields = List.copyOf(fields);
        samplesNanos = List.copyOf(samplesNanos);
        samplesTokens = List.copyOf(samplesTokens);
        cells = List.copyOf(cells);
    }
}
