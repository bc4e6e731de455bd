package dev.quipu.kvcache.eviction;

/** Splits a number of cells in proportion to weights, within limits, so that the parts sum exactly. */
final class Apportionment {
    private Apportionment() {}

    /**
     * Parts that sum to {@code total} (or as near as the limits allow).
     *
     * @param weights not negative
     * @param least fewest cells of each part
     * @param most most cells of each part, no fewer than least
     */
    static int[] split(int total, double[] weights, int[] least, int[] most) {
        double low = 0;
        double high = 1;
        while (sum(weights, high, least, most) < total && high < 1e18) {
            high *= 2;
        }
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (sum(weights, middle, least, most) <= total) {
                low = middle;
            } else {
                high = middle;
            }
        }
        int[] parts = new int[weights.length];
        int rest = total;
        for (int i = 0; i < parts.length; i++) {
            parts[i] = (int) part(weights[i], low, least[i], most[i]);
            rest -= parts[i];
        }
        handOut(rest, weights, low, parts, most);
        return parts;
    }

    private static double part(double weight, double factor, int least, int most) {
        return Math.min(most, Math.max(least, Math.floor(weight * factor)));
    }

    private static double sum(double[] weights, double factor, int[] least, int[] most) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += part(weights[i], factor, least[i], most[i]);
        }
        return sum;
    }

    /** Cells that rounding left go to the parts that were rounded down the most, then to whoever has room. */
    private static void handOut(int rest, double[] weights, double factor, int[] parts, int[] most) {
        while (rest > 0) {
            int next = -1;
            for (int i = 0; i < parts.length; i++) {
                boolean better = next < 0 || weights[i] * factor - parts[i] > weights[next] * factor - parts[next];
                if (parts[i] < most[i] && better) {
                    next = i;
                }
            }
            if (next < 0) {
                return;
            }
            parts[next]++;
            rest--;
        }
    }
}
