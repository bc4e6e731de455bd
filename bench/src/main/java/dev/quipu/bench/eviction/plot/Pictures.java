package dev.quipu.bench.eviction.plot;

import dev.quipu.bench.eviction.report.Metric;
import dev.quipu.bench.eviction.report.Result;
import dev.quipu.bench.eviction.report.Summary;
import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The pictures of a run, each as PNG and SVG in {@code plots}.
 *
 * @param results what to draw
 * @param summary for what is drawn per head
 * @param heads query heads of a layer
 */
public record Pictures(List<Result> results, Summary summary, int heads) {
    /** The budget of pictures that show one. */
    private static final double SHOWN = 0.2;

    private static final String SNAPKV = "snapkv";

    /** Lines in one picture; the best come first. */
    private static final int LINES = 7;

    private static final List<String> ALWAYS = List.of(SNAPKV, "random", "streaming");

    public void write(Path folder) throws IOException {
        Path plots = Files.createDirectories(folder.resolve("plots"));
        share(
                Metric.HEADS_IMPROVED,
                "Query heads improved over the same score with topk",
                plots.resolve("heads-improved"));
        share(
                Metric.HEADS_VS_SNAPKV,
                "Query heads with less perturbation than snapkv",
                plots.resolve("heads-vs-snapkv"));
        divergence(plots.resolve("kl-over-bytes"));
        for (Result result : shown()) {
            ratios(result, plots);
        }
    }

    /** Results at the budget nearest to the one that is shown. */
    private List<Result> shown() {
        double nearest = results.stream()
                .map(Result::budget)
                .min(Comparator.comparingDouble(budget -> Math.abs(budget - SHOWN)))
                .orElse(SHOWN);
        return results.stream().filter(result -> result.budget() == nearest).toList();
    }

    private void share(Metric metric, String title, Path stem) throws IOException {
        List<Line> lines = lines(metric, result -> 100 * result.budget(), 100);
        // A policy that is its own measure improves no head by definition.
        lines.removeIf(line -> metric == Metric.HEADS_IMPROVED && line.isZero());
        List<Line> chosen = chosen(lines, Comparator.comparingDouble(line -> -line.mean()));
        if (!chosen.isEmpty()) {
            new LineChart(title, "budget, % of the cache", "share of heads, %", chosen, false).write(stem);
        }
    }

    private void divergence(Path stem) throws IOException {
        ToDoubleFunction<Result> size =
                result -> result.number(Metric.KV_BYTES).map(Interval::value).orElse(0.0) / (1 << 20);
        List<Line> lines = lines(Metric.MEAN_KL, size, 1);
        List<Line> chosen = chosen(lines, Comparator.comparingDouble(Line::mean));
        if (!chosen.isEmpty()) {
            String title = "Divergence from the full cache";
            new LineChart(title, "keys and values kept, MiB", "mean KL, nats per token", chosen, true).write(stem);
        }
    }

    /** A line for each policy and kind of rows. */
    private List<Line> lines(Metric metric, ToDoubleFunction<Result> x, double factor) {
        Map<String, List<Result>> byPolicy = new TreeMap<>();
        boolean oneKind = results.stream().map(Result::rows).distinct().count() == 1;
        for (Result result : results) {
            if (!result.policy().equals(Key.FULL) && result.number(metric).isPresent()) {
                String name = oneKind ? result.policy() : result.policy() + " " + result.rows();
                byPolicy.computeIfAbsent(name, key -> new ArrayList<>()).add(result);
            }
        }
        List<Line> lines = new ArrayList<>();
        byPolicy.forEach((name, points) -> {
            points.sort(Comparator.comparingDouble(Result::budget));
            List<Interval> intervals = points.stream()
                    .map(point -> point.number(metric).orElseThrow())
                    .toList();
            lines.add(new Line(
                    name,
                    points.stream().mapToDouble(x).toArray(),
                    intervals.stream().mapToDouble(one -> factor * one.value()).toArray(),
                    intervals.stream().mapToDouble(one -> factor * one.low()).toArray(),
                    intervals.stream().mapToDouble(one -> factor * one.high()).toArray()));
        });
        return lines;
    }

    /** The best lines and those that everything is compared with, best first. */
    private static List<Line> chosen(List<Line> lines, Comparator<Line> best) {
        List<Line> sorted = lines.stream().sorted(best).toList();
        return sorted.stream()
                .filter(line -> sorted.indexOf(line) < LINES || ALWAYS.contains(line.name()))
                .toList();
    }

    /** Per layer and query head, how L compares with that of snapkv. */
    private void ratios(Result result, Path plots) throws IOException {
        double[] ratios = summary.ratios(result, SNAPKV);
        if (ratios.length == 0 || result.policy().equals(SNAPKV)) {
            return;
        }
        int layers = ratios.length / heads;
        double[][] values = new double[layers][heads];
        for (int i = 0; i < ratios.length; i++) {
            values[i / heads][i % heads] = ratios[i];
        }
        String title =
                "Perturbation of %s over snapkv, %.0f %% budget".formatted(result.policy(), 100 * result.budget());
        new HeatMap(
                        title,
                        "layer",
                        "query head",
                        numbers(layers),
                        numbers(heads),
                        values,
                        HeatMap.BELOW_AND_ABOVE,
                        0.5,
                        1.5,
                        false)
                .write(plots.resolve("ratio-" + fileName(result)));
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    static String fileName(Result result) {
        return (result.policy() + "-" + result.rows()).replaceAll("[^a-zA-Z0-9.]+", "-");
    }
}
