package dev.quipu.bench.eviction.plot;

import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.result.Measurement;
import dev.quipu.bench.eviction.result.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where needles are found: one picture, a row for each policy, columns by depth for each length; the full cache on top.
 *
 * @param run its measurements
 * @param budget of the policies
 */
public record NeedlePictures(RunDirectory run, double budget) {
    public void write(Path folder) throws IOException {
        List<Measurement> needles = run.all().stream()
                .filter(one -> one.key().experiment().equals("retrieval")
                        && one.text("task").equals("needle"))
                .filter(one ->
                        one.key().budget() == budget || one.key().policy().equals(Key.FULL))
                .toList();
        if (needles.isEmpty()) {
            return;
        }
        Set<String> policies = new LinkedHashSet<>();
        Set<Integer> places = new TreeSet<>();
        for (Measurement needle : needles) {
            policies.add(policy(needle));
            places.add(place(needle));
        }
        List<String> rows = new ArrayList<>(policies).reversed();
        List<Integer> columns = List.copyOf(places);
        double[][] sums = new double[columns.size()][rows.size()];
        int[][] counts = new int[columns.size()][rows.size()];
        for (Measurement needle : needles) {
            int x = columns.indexOf(place(needle));
            int y = rows.indexOf(policy(needle));
            sums[x][y] += needle.number("exact");
            counts[x][y]++;
        }
        for (int x = 0; x < sums.length; x++) {
            for (int y = 0; y < rows.size(); y++) {
                sums[x][y] /= counts[x][y];
            }
        }
        List<String> labels = columns.stream()
                .map(place -> "%d: %d %%".formatted(place / 1000, place % 1000))
                .toList();
        Path plots = Files.createDirectories(folder.resolve("plots"));
        new HeatMap(
                        "Needles found, %.0f %% budget".formatted(100 * budget),
                        "tokens: depth of the needle",
                        "",
                        labels,
                        rows,
                        sums,
                        HeatMap.NOTHING_TO_ALL,
                        0,
                        1,
                        false)
                .write(plots.resolve("needles"));
    }

    private static String policy(Measurement needle) {
        return needle.key().policy() + " " + needle.key().rows();
    }

    /** Length and depth in one number, in the order of columns. */
    private static int place(Measurement needle) {
        return 1000 * (int) needle.number("length") + (int) needle.number("depth");
    }
}
