package dev.quipu.runtime.kernel;

/** A format that quantises activations, by {@link IntegerActivations}. */
interface QuantizedActivations extends ActivationFormat {
    /** Columns that share a scale. */
    int group();

    /** The largest integer. */
    int limit();

    /**
     * What the magnitudes of four integers may sum to that a short lane of weights meets: columns 2 k, 2 k + 1, 2 k + 16 and 2 k +
     * 17 of 32.
     */
    default int quadLimit() {
        return 4 * limit();
    }

    /** What part of another column's activation a kernel adds to a column's: it leaves in what hardly counts. */
    default double spill() {
        return 0;
    }

    /** Which other column's that is, or -1. */
    default int spilling(int column) {
        return column % 8 < 6 ? column + 2 : -1;
    }

    /** What a kernel may lose when it rounds sums, as a part of the sum of its products' magnitudes. */
    default double lost() {
        return 0;
    }
}
