package dev.quipu.bench.eviction.report;

import dev.quipu.bench.eviction.result.Measurement;
import java.util.List;

/**
 * Questions of one task and length.
 *
 * @param name task and length
 * @param questions how many, over all kinds of rows
 * @param fullAccuracy share of them that the full cache answers
 */
public record RetrievalCell(String name, int questions, double fullAccuracy) {
    static RetrievalCell of(String name, List<Measurement> full) {
        double exact =
                full.stream().mapToDouble(one -> one.number("exact")).average().orElse(0);
        return new RetrievalCell(name, full.size(), exact);
    }

    static String name(Measurement measurement) {
        return "%s %d".formatted(measurement.text("task"), (int) measurement.number("length"));
    }

    /** Whether the model can do it at all: only then does failing mean that something was forgotten. */
    public boolean counts() {
        return fullAccuracy >= Summary.SOLVABLE;
    }
}
