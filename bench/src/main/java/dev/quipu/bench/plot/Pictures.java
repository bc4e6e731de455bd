package dev.quipu.bench.plot;

import dev.quipu.bench.report.BarPlot;
import dev.quipu.bench.report.LinePlot;
import dev.quipu.bench.report.Series;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/** The pictures that some results make: prompts and generation apart, for their speeds are worlds apart. */
final class Pictures {
    private static final String SPEED = "tokens per second";

    private final List<Measured> results;

    Pictures(List<Measured> results) {
        this.results = List.copyOf(results);
    }

    /** Writes all there are, and returns the names of the files. */
    List<String> write(String stem) throws IOException {
        List<String> written = new ArrayList<>();
        for (boolean prompt : new boolean[] {true, false}) {
            List<Measured> kind = results.stream()
                    .filter(prompt ? r -> r.generated() == 0 : r -> r.prompt() == 0)
                    .toList();
            String what = prompt ? "Prompt processing" : "Text generation";
            String name = stem + (prompt ? "-prompt" : "-generation");
            lines(
                    kind,
                    Measured::depth,
                    Measured::threads,
                    what + " over depth",
                    "tokens in the cache",
                    name + "-depth",
                    written);
            lines(
                    kind,
                    Measured::threads,
                    Measured::depth,
                    what + " over threads",
                    "threads",
                    name + "-threads",
                    written);
            bars(kind, what + " by model", name + "-model", written);
        }
        return written;
    }

    /** One line for each model, test and value of the other number. */
    private static void lines(
            List<Measured> results,
            ToIntFunction<Measured> x,
            ToIntFunction<Measured> other,
            String title,
            String axis,
            String name,
            List<String> written)
            throws IOException {
        boolean others = distinct(results, other::applyAsInt) > 1;
        String otherName = axis.equals("threads") ? " @ d" : " t";
        Map<String, List<Measured>> groups = new LinkedHashMap<>();
        for (Measured r : results) {
            String label = r.model() + " " + r.test() + (others ? otherName + other.applyAsInt(r) : "");
            groups.computeIfAbsent(label, l -> new ArrayList<>()).add(r);
        }
        groups.values().removeIf(group -> distinct(group, x::applyAsInt) < 2);
        if (groups.isEmpty()) {
            return;
        }
        List<Series> series = new ArrayList<>();
        groups.forEach((label, group) -> {
            group.sort(Comparator.comparingInt(x));
            double[] at = group.stream().mapToDouble(x::applyAsInt).toArray();
            double[] speed = group.stream().mapToDouble(Measured::speed).toArray();
            double[] error = group.stream().mapToDouble(Measured::deviation).toArray();
            series.add(new Series(label, at, speed, error));
            if (group.stream().allMatch(r -> r.peer().isPresent())) {
                double[] peer =
                        group.stream().mapToDouble(r -> r.peer().orElseThrow()).toArray();
                series.add(Series.of(label + ", peer", at, peer));
            }
        });
        new LinePlot(title, axis, SPEED, series, false, true).write(Path.of(name));
        written.addAll(List.of(name + ".png", name + ".svg"));
    }

    /** A group of bars for each model: ours and, where there is one, the peer's. At the least depth and the most threads. */
    private static void bars(List<Measured> results, String title, String name, List<String> written)
            throws IOException {
        int depth = results.stream().mapToInt(Measured::depth).min().orElse(0);
        int threads = results.stream().mapToInt(Measured::threads).max().orElse(0);
        Predicate<Measured> shown = r -> r.depth() == depth && r.threads() == threads;
        Map<String, Measured> models = new LinkedHashMap<>();
        results.stream().filter(shown).forEach(r -> models.putIfAbsent(r.model() + " " + r.test(), r));
        if (models.size() < 2) {
            return;
        }
        Map<String, double[]> bars = new LinkedHashMap<>();
        bars.put("Quipu", models.values().stream().mapToDouble(Measured::speed).toArray());
        if (models.values().stream().anyMatch(r -> r.peer().isPresent())) {
            bars.put(
                    "peer",
                    models.values().stream()
                            .mapToDouble(r -> r.peer().orElse(0))
                            .toArray());
        }
        new BarPlot(title, SPEED, List.copyOf(models.keySet()), bars).write(Path.of(name));
        written.addAll(List.of(name + ".png", name + ".svg"));
    }

    private static long distinct(List<Measured> results, Function<Measured, Integer> number) {
        return results.stream().map(number).distinct().count();
    }
}
