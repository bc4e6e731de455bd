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

    /** What part of the activation two columns further on, within eight, a kernel adds to each: it leaves in what hardly counts. */
    default double spill() {
        return 0;
    }

    /** What a kernel may lose when it rounds sums, as a part of the sum of its products' magnitudes. */
    default double lost() {
        return 0;
    }
}
