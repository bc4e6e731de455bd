package dev.quipu.gguf.type;

/**
 * Scales for runs of elements, of small squared error: a few scales around the one that maps the largest element to the
 * end of the grid are tried, each corrected by least squares for the codes it gives.
 */
final class Fit {
    private static final int TRIALS = 9;
    private static final float STEP = 0.02f;

    private Fit() {}

    /** w = scale * q - minimum, both not negative, q from 0. */
    record Affine(float scale, float minimum) {}

    /** The code of {@code value} in units of {@code scale}. */
    static int code(float value, float scale, int least, int greatest) {
        return scale == 0 ? Math.clamp(0, least, greatest) : Math.clamp(Blocks.round(value / scale), least, greatest);
    }

    /** One scale per run: float[runs]. */
    static float[] scales(float[] src, int at, int runs, int length, Grid grid) {
        float[] scales = new float[runs];
        for (int j = 0; j < runs; j++) {
            scales[j] = scale(src, at + j * length, length, grid);
        }
        return scales;
    }

    /** The scale of one run, of either sign: w = scale * grid value. */
    static float scale(float[] src, int at, int n, Grid grid) {
        float extreme = Blocks.extreme(src, at, n);
        float best = 0;
        double greatestGain = 0;
        for (int trial = -TRIALS; trial <= TRIALS && extreme != 0; trial++) {
            float scale = extreme / (grid.anchor() * (1 + trial * STEP));
            double product = 0;
            double square = 0;
            for (int i = at; i < at + n; i++) {
                double q = grid.nearest(src[i] / scale);
                product += src[i] * q;
                square += q * q;
            }
            // Least squares: scale = product / square lowers the squared error by product^2 / square.
            if (square > 0 && product * product / square > greatestGain) {
                greatestGain = product * product / square;
                best = (float) (product / square);
            }
        }
        return best;
    }

    /** One scale and minimum per run: [runs]. */
    static Affine[] affine(float[] src, int at, int runs, int length, int levels) {
        Affine[] fits = new Affine[runs];
        for (int j = 0; j < runs; j++) {
            fits[j] = affine(src, at + j * length, length, levels);
        }
        return fits;
    }

    /** @param levels the greatest code */
    private static Affine affine(float[] src, int at, int n, int levels) {
        float least = Math.min(0, Blocks.least(src, at, n));
        float range = Blocks.greatest(src, at, n) - least;
        Affine best = new Affine(0, -least);
        double leastError = Double.POSITIVE_INFINITY;
        for (int trial = -TRIALS; trial <= TRIALS && range > 0; trial++) {
            Affine start = new Affine(range * (1 + trial * STEP) / levels, -least);
            Affine solved = solve(src, at, n, levels, start);
            double error = error(src, at, n, levels, solved);
            if (error < leastError) {
                leastError = error;
                best = solved;
            }
        }
        return best;
    }

    /** Least squares for the codes that {@code start} gives. */
    private static Affine solve(float[] src, int at, int n, int levels, Affine start) {
        double x = 0;
        double q = 0;
        double qq = 0;
        double xq = 0;
        for (int i = at; i < at + n; i++) {
            int code = code(src[i] + start.minimum(), start.scale(), 0, levels);
            x += src[i];
            q += code;
            qq += code * code;
            xq += (double) src[i] * code;
        }
        double determinant = n * qq - q * q;
        if (determinant <= 0) {
            return start;
        }
        double scale = (n * xq - x * q) / determinant;
        double minimum = (q * xq - qq * x) / determinant;
        if (minimum < 0) {
            minimum = 0;
            scale = xq / qq;
        }
        return scale > 0 ? new Affine((float) scale, (float) minimum) : start;
    }

    private static double error(float[] src, int at, int n, int levels, Affine fit) {
        double error = 0;
        for (int i = at; i < at + n; i++) {
            int code = code(src[i] + fit.minimum(), fit.scale(), 0, levels);
            double difference = (double) fit.scale() * code - fit.minimum() - src[i];
            error += difference * difference;
        }
        return error;
    }

    static float greatestScale(Affine[] fits) {
        float greatest = 0;
        for (Affine fit : fits) {
            greatest = Math.max(greatest, fit.scale());
        }
        return greatest;
    }

    static float greatestMinimum(Affine[] fits) {
        float greatest = 0;
        for (Affine fit : fits) {
            greatest = Math.max(greatest, fit.minimum());
        }
        return greatest;
    }
}
