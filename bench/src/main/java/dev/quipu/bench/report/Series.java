package dev.quipu.bench.report;

import java.util.Arrays;

/**
 * A line of a picture.
 *
 * @param name what the legend calls it
 * @param x ascending
 * @param y as many as x
 * @param error half the length of each point's error bar; empty = none
 * @param counterpart whether it belongs to the series before it, and is drawn broken in the same colour
 */
public record Series(String name, double[] x, double[] y, double[] error, boolean counterpart) {
    public Series {
        if (x.length == 0 || x.length != y.length || error.length != 0 && error.length != y.length) {
            throw new IllegalArgumentException(
                    name + ": " + x.length + " x, " + y.length + " y, " + error.length + " errors");
        }
    }

    public static Series of(String name, double[] x, double[] y) {
        return new Series(name, x, y, new double[0], false);
    }

    @Override
    public String toString() {
        return name + " " + Arrays.toString(x) + " " + Arrays.toString(y);
    }
}
