package dev.quipu.kvcache;

import java.util.BitSet;
import java.util.Comparator;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** Selections of one KV head in float64, each written from its formula, over the cells before the window. */
final class SelectionVariants {
    static final int WINDOW = 32;

    private final int cells;
    private final int group;
    private final int keep;

    /** double[group][window][cells]: attention. */
    private final double[][][] a;

    /** double[group][cells]: || v W_O ||_1, the same from the mean output, and double[group][window][cells] from each output. */
    private final double[][] u;

    private final double[][] lengths;

    private final double[][] centred;
    private final double[][][] distance;

    SelectionVariants(CacheDriver driver, OutputProjection projection, int kvHead, int keep) {
        KvLayout layout = driver.layout;
        int tokens = driver.cache.positions();
        cells = tokens - WINDOW;
        group = layout.group();
        this.keep = keep;
        a = new double[group][WINDOW][cells];
        u = new double[group][cells];
        lengths = new double[group][cells];
        centred = new double[group][cells];
        distance = new double[group][WINDOW][cells];
        for (int g = 0; g < group; g++) {
            double[][] weights = new double[WINDOW][tokens];
            double[][] projected = projected(driver, projection, kvHead, g);
            double[][] outputs = new double[WINDOW][projection.width()];
            double[] centre = new double[projection.width()];
            for (int j = 0; j < WINDOW; j++) {
                weights[j] = attention(driver, kvHead, g, cells + j);
                System.arraycopy(weights[j], 0, a[g][j], 0, cells);
                for (int i = 0; i < tokens; i++) {
                    for (int c = 0; c < centre.length; c++) {
                        outputs[j][c] += weights[j][i] * projected[i][c];
                        centre[c] += weights[j][i] * projected[i][c] / WINDOW;
                    }
                }
            }
            for (int i = 0; i < cells; i++) {
                u[g][i] = norm(projected[i], new double[centre.length], 1);
                lengths[g][i] = norm(projected[i], new double[centre.length], 2);
                centred[g][i] = norm(projected[i], centre, 1);
                for (int j = 0; j < WINDOW; j++) {
                    distance[g][j][i] = norm(projected[i], outputs[j], 2);
                }
            }
        }
    }

    private static double[] attention(CacheDriver driver, int kvHead, int g, int position) {
        KvLayout layout = driver.layout;
        int dim = layout.keyDim();
        int head = kvHead * layout.group() + g;
        double[] weights = new double[driver.cache.positions()];
        double sum = 0;
        for (int i = 0; i <= position; i++) {
            double dot = 0;
            for (int d = 0; d < dim; d++) {
                dot += (double) driver.queries[0][position][head * dim + d] * driver.keys[0][i][kvHead * dim + d];
            }
            weights[i] = Math.exp(dot * layout.scale());
            sum += weights[i];
        }
        for (int i = 0; i <= position; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    private static double[][] projected(CacheDriver driver, OutputProjection projection, int kvHead, int g) {
        int dim = driver.layout.valueDim();
        float[] slice = new float[projection.width() * dim];
        projection.slice(0, kvHead * driver.layout.group() + g, slice);
        double[][] result = new double[driver.cache.positions()][projection.width()];
        for (int i = 0; i < result.length; i++) {
            for (int c = 0; c < projection.width(); c++) {
                for (int d = 0; d < dim; d++) {
                    result[i][c] += (double) driver.values[0][i][kvHead * dim + d] * slice[c * dim + d];
                }
            }
        }
        return result;
    }

    private static double norm(double[] x, double[] y, int order) {
        double sum = 0;
        for (int c = 0; c < x.length; c++) {
            sum += Math.pow(Math.abs(x[c] - y[c]), order);
        }
        return order == 1 ? sum : Math.sqrt(sum);
    }

    /** The cells before the window that a variant keeps; the names are those of the independent measurement. */
    BitSet kept(String variant) {
        return switch (variant) {
            case "snap-none" -> top(group(g -> mean(a[g])), keep, new BitSet());
            case "snap-avg5" -> top(average5(), keep, new BitSet());
            case "snap-max7" -> top(group(g -> maximum(mean(a[g]), 7)), keep, new BitSet());
            case "critical-paper" -> twoStages(average5(), group(g -> product(average(mean(a[g]), 5), 1e-4, u[g])));
            case "critical-max7" -> {
                double[] first = group(g -> maximum(mean(a[g]), 7));
                yield twoStages(first, group(g -> product(maximum(mean(a[g]), 7), 1e-4, u[g])));
            }
            case "prod0" -> top(group(g -> product(mean(a[g]), 0, u[g])), keep, new BitSet());
            case "prod0-l2" -> top(group(g -> product(mean(a[g]), 0, lengths[g])), keep, new BitSet());
            case "ctr1" -> top(group(g -> product(mean(a[g]), 0, centred[g])), keep, new BitSet());
            case "ctr1-two" -> twoStages(group(g -> mean(a[g])), group(g -> product(mean(a[g]), 0, centred[g])));
            case "pq" -> top(group(g -> mean(errors(g, 0))), keep, new BitSet());
            case "pq-two" -> twoStages(group(g -> mean(a[g])), group(g -> mean(errors(g, 0))));
            case "pq-max3" -> top(group(g -> maximum(mean(errors(g, 0)), 3)), keep, new BitSet());
            case "pq-floor" -> top(group(g -> mean(errors(g, 1e-4))), keep, new BitSet());
            case "rms-A" -> top(group(g -> mean(squares(a[g]))), keep, new BitSet());
            case "rms-pq" -> top(group(g -> mean(squares(errors(g, 0)))), keep, new BitSet());
            case "rms-pq-max3" -> top(group(g -> maximum(mean(squares(errors(g, 0))), 3)), keep, new BitSet());
            case "def-A" -> top(largest(a), keep, new BitSet());
            case "def-pq" ->
                top(
                        largest(IntStream.range(0, group)
                                .mapToObj(g -> errors(g, 0))
                                .toArray(double[][][]::new)),
                        keep,
                        new BitSet());
            case "mix-pq" -> {
                double[] mean = group(g -> mean(errors(g, 0)));
                double[] square = group(g -> mean(squares(errors(g, 0))));
                yield top(combine(mean, square, (m, s) -> m * Math.sqrt(s)), keep, new BitSet());
            }
            default -> throw new IllegalArgumentException(variant);
        };
    }

    private double[] average5() {
        return group(g -> average(mean(a[g]), 5));
    }

    private BitSet twoStages(double[] first, double[] second) {
        return top(second, keep, top(first, keep / 2, new BitSet()));
    }

    /** The best, after those that stay already; ties go to the earlier. */
    private BitSet top(double[] score, int count, BitSet already) {
        BitSet kept = (BitSet) already.clone();
        IntStream.range(0, cells)
                .boxed()
                .filter(i -> !already.get(i))
                .sorted(Comparator.<Integer>comparingDouble(i -> -score[i]).thenComparing(i -> i))
                .limit(count - already.cardinality())
                .forEach(kept::set);
        return kept;
    }

    private interface OfHead {
        double[] apply(int g);
    }

    private double[] group(OfHead score) {
        double[] sum = new double[cells];
        for (int g = 0; g < group; g++) {
            sum = combine(sum, score.apply(g), Double::sum);
        }
        return sum;
    }

    private static double[] combine(double[] x, double[] y, DoubleBinaryOperator operator) {
        return IntStream.range(0, x.length)
                .mapToDouble(i -> operator.applyAsDouble(x[i], y[i]))
                .toArray();
    }

    private double[] largest(double[][][] rows) {
        double[] result = new double[cells];
        for (double[][] head : rows) {
            for (double[] row : head) {
                result = combine(result, row, Math::max);
            }
        }
        return result;
    }

    private double[][] errors(int g, double floor) {
        return IntStream.range(0, WINDOW)
                .mapToObj(j -> combine(a[g][j], distance[g][j], (weight, far) -> (weight + floor) * far))
                .toArray(double[][]::new);
    }

    private static double[][] squares(double[][] rows) {
        return IntStream.range(0, rows.length)
                .mapToObj(j -> combine(rows[j], rows[j], (x, y) -> x * y))
                .toArray(double[][]::new);
    }

    private static double[] product(double[] attention, double floor, double[] norms) {
        return combine(attention, norms, (weight, norm) -> (weight + floor) * norm);
    }

    private static double[] mean(double[][] rows) {
        double[] sum = new double[rows[0].length];
        for (double[] row : rows) {
            sum = combine(sum, row, (x, y) -> x + y / WINDOW);
        }
        return sum;
    }

    private static double[] average(double[] x, int size) {
        return pool(x, size, (sum, y) -> sum + y / size);
    }

    private static double[] maximum(double[] x, int size) {
        return pool(x, size, Math::max);
    }

    private static double[] pool(double[] x, int size, DoubleBinaryOperator operator) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            for (int j = Math.max(0, i - size / 2); j <= Math.min(x.length - 1, i + size / 2); j++) {
                result[i] = operator.applyAsDouble(result[i], x[j]);
            }
        }
        return result;
    }
}
