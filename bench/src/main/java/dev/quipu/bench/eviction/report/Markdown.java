package dev.quipu.bench.eviction.report;

import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.statistics.Interval;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A report that a person reads: settings, and one table per number, policies down, budgets across. */
final class Markdown {
    private final Report report;
    private final List<Double> budgets;
    private final List<String> policies;
    private final StringBuilder out = new StringBuilder();

    Markdown(Report report) {
        this.report = report;
        List<Result> evicting = report.results().stream()
                .filter(result -> !result.policy().equals(Key.FULL))
                .toList();
        budgets =
                List.copyOf(new TreeSet<>(evicting.stream().map(Result::budget).toList()));
        policies = evicting.stream().map(Markdown::name).distinct().toList();
    }

    private static String name(Result result) {
        return result.policy() + " " + result.rows();
    }

    String text() {
        out.append("# KV eviction measured\n\n");
        for (Map.Entry<String, Object> setting : report.settings().entrySet()) {
            out.append("- %s: %s%n".formatted(setting.getKey(), setting.getValue()));
        }
        out.append(
                "\nBudgets are shares of the bytes of a full cache of the first kind of rows, sinks and window included.\n"
                        + "In brackets: 95 % intervals from drawing documents anew, paired where two policies are compared.\n");
        full();
        cells();
        for (Metric metric : Metric.values()) {
            if (report.results().stream()
                    .anyMatch(result -> result.number(metric).isPresent())) {
                table(metric);
            }
        }
        return out.toString();
    }

    private void full() {
        List<Result> full = report.results().stream()
                .filter(result -> result.policy().equals(Key.FULL))
                .toList();
        if (full.isEmpty()) {
            return;
        }
        out.append("\n## The full cache\n");
        for (Result result : full) {
            out.append("\n- ").append(result.rows()).append(": ");
            result.numbers()
                    .forEach((metric, number) ->
                            out.append("%s %s; ".formatted(metric.key(), metric.text(number.value()))));
        }
        out.append('\n');
    }

    private void cells() {
        if (report.cells().isEmpty()) {
            return;
        }
        out.append(
                "\n## Questions\n\nOnly what the full cache answers in at least 60 % of all cases counts for accuracy.\n\n"
                        + "| task and tokens | questions | full cache | counts |\n|---|---|---|---|\n");
        for (RetrievalCell cell : report.cells()) {
            out.append("| %s | %d | %s | %s |%n"
                    .formatted(
                            cell.name(),
                            cell.questions(),
                            Metric.RETRIEVAL_ACCURACY.text(cell.fullAccuracy()),
                            cell.counts() ? "yes" : "no"));
        }
    }

    private void table(Metric metric) {
        out.append("\n## ")
                .append(metric.key())
                .append("\n\n")
                .append(metric.meaning())
                .append("\n\n| policy |");
        budgets.forEach(budget -> out.append(" %s |".formatted(percent(budget))));
        out.append("\n|---|").append("---|".repeat(budgets.size())).append('\n');
        for (String policy : policies) {
            out.append("| ").append(policy).append(" |");
            for (double budget : budgets) {
                out.append(' ').append(cell(metric, policy, budget)).append(" |");
            }
            out.append('\n');
        }
    }

    private String cell(Metric metric, String policy, double budget) {
        Optional<Interval> number = report.results().stream()
                .filter(result -> name(result).equals(policy) && result.budget() == budget)
                .flatMap(result -> result.number(metric).stream())
                .findFirst();
        return number.map(n -> n.low() == n.high()
                        ? metric.text(n.value())
                        : "%s [%s, %s]".formatted(metric.text(n.value()), metric.text(n.low()), metric.text(n.high())))
                .orElse("");
    }

    static String percent(double share) {
        double percent = Math.round(share * 10_000) / 100.0;
        return percent == Math.rint(percent) ? "%d %%".formatted((int) percent) : percent + " %";
    }
}
