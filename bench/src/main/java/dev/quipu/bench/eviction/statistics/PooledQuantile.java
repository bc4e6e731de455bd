package dev.quipu.bench.eviction.statistics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** A high quantile of the numbers of several documents taken together, for choices of documents. */
public final class PooledQuantile {
    private final double[] descending;
    private final int[] documents;
    private final int[] sizes;
    private final double q;

    /**
     * @param values double[documents][numbers]
     * @param q 0 to 1; the nearer to 1, the faster
     */
    public PooledQuantile(double[][] values, double q) {
        this.q = q;
        sizes = Arrays.stream(values).mapToInt(one -> one.length).toArray();
        int[][] places = IntStream.range(0, values.length)
                .boxed()
                .flatMap(d -> IntStream.range(0, values[d].length).mapToObj(i -> new int[] {d, i}))
                .sorted(Comparator.comparingDouble(place -> -values[place[0]][place[1]]))
                .toArray(int[][]::new);
        descending = Arrays.stream(places)
                .mapToDouble(place -> values[place[0]][place[1]])
                .toArray();
        documents = Arrays.stream(places).mapToInt(place -> place[0]).toArray();
    }

    /** Of the documents with these indices; one that comes twice counts twice. */
    public double of(int[] choice) {
        int[] times = new int[sizes.length];
        long total = 0;
        for (int document : choice) {
            times[document]++;
            total += sizes[document];
        }
        if (total == 0) {
            return Double.NaN;
        }
        double place = (1 - q) * (total - 1);
        double above = at((long) place, times);
        double below = at(Math.min((long) place + 1, total - 1), times);
        return above + (place - (long) place) * (below - above);
    }

    /** The number in this place, the largest first. */
    private double at(long place, int[] times) {
        long passed = 0;
        for (int i = 0; i < descending.length; i++) {
            passed += times[documents[i]];
            if (passed > place) {
                return descending[i];
            }
        }
        return Double.NaN;
    }
}
