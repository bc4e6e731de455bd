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
import java.util.function.ToIntFunction;

/**
 * The pictures that some results make: prompts and generation apart, for their speeds are worlds apart. Over depth with the
 * most threads, over threads at the least depth, by model with both.
 */
final class Pictures {
    private static final String SPEED = "tokens per second";

    private final List<String> written = new ArrayList<>();
    private final List<Measured> results;

    Pictures(List<Measured> results) {
        this.results = List.copyOf(results);
    }

    /** Writes all there are, and returns the names of the files. */
    List<String> write(String stem) throws IOException {
        List<Measured> prompts =
                results.stream().filter(r -> r.generated() == 0).toList();
        draw(prompts, "Prompt processing", stem + "-prompt");
        List<Measured> generations =
                results.stream().filter(r -> r.prompt() == 0).toList();
        draw(generations, "Text generation", stem + "-generation");
        return List.copyOf(written);
    }

    private void draw(List<Measured> kind, String what, String name) throws IOException {
        int depth = kind.stream().mapToInt(Measured::depth).min().orElse(0);
        int threads = kind.stream().mapToInt(Measured::threads).max().orElse(0);
        String at = depth == 0 ? "" : ", " + depth + " tokens in the cache";
        String on = threads == 1 ? ", 1 thread" : ", " + threads + " threads";
        List<Measured> shallow = kind.stream().filter(r -> r.depth() == depth).toList();
        List<Measured> wide = kind.stream().filter(r -> r.threads() == threads).toList();
        lines(wide, Measured::depth, what + " over depth" + on, "tokens in the cache", name + "-depth");
        lines(shallow, Measured::threads, what + " over threads" + at, "threads", name + "-threads");
        bars(wide.stream().filter(r -> r.depth() == depth).toList(), what + on + at, name + "-model");
    }

    /** One line for each model and test. */
    private void lines(List<Measured> results, ToIntFunction<Measured> x, String title, String axis, String name)
            throws IOException {
        Map<String, List<Measured>> groups = new LinkedHashMap<>();
        for (Measured r : results) {
            groups.computeIfAbsent(r.label(), label -> new ArrayList<>()).add(r);
        }
        groups.values().removeIf(group -> group.stream().mapToInt(x).distinct().count() < 2);
        if (groups.isEmpty()) {
            return;
        }
        List<Series> series = new ArrayList<>();
        groups.forEach((label, group) -> {
            group.sort(Comparator.comparingInt(x));
            double[] at = group.stream().mapToDouble(x::applyAsInt).toArray();
            double[] speed = group.stream().mapToDouble(Measured::speed).toArray();
            double[] error = group.stream().mapToDouble(Measured::deviation).toArray();
            series.add(new Series(label, at, speed, error, false));
            if (group.stream().allMatch(r -> r.peer().isPresent())) {
                double[] peer =
                        group.stream().mapToDouble(r -> r.peer().orElseThrow()).toArray();
                series.add(new Series(label + ", peer", at, peer, new double[0], true));
            }
        });
        new LinePlot(title, axis, SPEED, series, false, true).write(Path.of(name));
        written.addAll(List.of(name + ".png", name + ".svg"));
    }

    /** A group of bars for each model: ours and, where there is one, the peer's. */
    private void bars(List<Measured> results, String title, String name) throws IOException {
        Map<String, Measured> models = new LinkedHashMap<>();
        results.forEach(r -> models.putIfAbsent(r.label(), r));
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
}
