package dev.quipu.bench.eviction.plot;

/**
 * A line of a {@link LineChart}.
 *
 * @param name what the legend calls it
 * @param x ascending
 * @param y as many as x
 * @param low lower end of each point's interval
 * @param high upper end
 */
record Line(String name, double[] x, double[] y, double[] low, double[] high) {
    double mean() {
        double sum = 0;
        for (double value : y) {
            sum += value;
        }
        return sum / y.length;
    }

    boolean isZero() {
        for (double value : y) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }
}
