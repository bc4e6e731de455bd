package dev.quipu.bench.eviction.report;

import dev.quipu.bench.eviction.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/**
 * The outcome of a run, as files.
 *
 * @param settings of the run
 * @param results one a policy, kind of rows and budget
 * @param cells kinds of questions
 */
public record Report(Map<String, Object> settings, List<Result> results, List<RetrievalCell> cells) {
    /** Version of the JSON file's form. */
    private static final int FORMAT = 1;

    /** Writes {@code results.json}, {@code results.csv} and {@code report.md}. */
    public void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("results.json"), json());
        Files.writeString(folder.resolve("results.csv"), csv());
        Files.writeString(folder.resolve("report.md"), markdown());
    }

    /** For a person. */
    public String markdown() {
        return new Markdown(this).text();
    }

    /** Every metric of {@link Metric}, null where it was not measured, and beside it {@code NAME_ci}: [low, high]. */
    public String json() throws IOException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Result result : results) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("policy", result.policy());
            row.put("rows", result.rows());
            row.put("budget", result.budget());
            row.put("improved_over", result.improvedOver());
            for (Metric metric : Metric.values()) {
                Interval number = result.numbers().get(metric);
                row.put(metric.key(), number == null ? null : finite(number.value()));
                row.put(metric.key() + "_ci", number == null ? null : interval(number));
            }
            rows.add(row);
        }
        Map<String, @Nullable Object> root = new LinkedHashMap<>();
        root.put("format", FORMAT);
        root.put("model", settings.get("model"));
        root.put("settings", settings);
        root.put("retrieval_cells", cells.stream().map(Report::cell).toList());
        root.put("results", rows);
        return JSON.std
                        .with(JSON.Feature.PRETTY_PRINT_OUTPUT)
                        .with(JSON.Feature.WRITE_NULL_PROPERTIES)
                        .asString(root)
                + "\n";
    }

    private static List<@Nullable Object> interval(Interval number) {
        List<@Nullable Object> ends = new ArrayList<>();
        ends.add(finite(number.low()));
        ends.add(finite(number.high()));
        return ends;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static Map<String, Object> cell(RetrievalCell cell) {
        return Map.of(
                "cell",
                cell.name(),
                "questions",
                cell.questions(),
                "full_accuracy",
                cell.fullAccuracy(),
                "counts",
                cell.counts());
    }

    private String csv() {
        StringJoiner lines = new StringJoiner("\n", "", "\n");
        StringJoiner head = new StringJoiner(",");
        head.add("policy").add("rows").add("budget").add("improved_over");
        for (Metric metric : Metric.values()) {
            head.add(metric.key()).add(metric.key() + "_low").add(metric.key() + "_high");
        }
        lines.add(head.toString());
        for (Result result : results) {
            StringJoiner line = new StringJoiner(",");
            line.add(result.policy()).add(result.rows()).add(Double.toString(result.budget()));
            line.add(result.improvedOver());
            for (Metric metric : Metric.values()) {
                Interval number = result.numbers().get(metric);
                line.add(number == null ? "" : Double.toString(number.value()));
                line.add(number == null ? "" : Double.toString(number.low()));
                line.add(number == null ? "" : Double.toString(number.high()));
            }
            lines.add(line.toString());
        }
        return lines.toString();
    }
}
