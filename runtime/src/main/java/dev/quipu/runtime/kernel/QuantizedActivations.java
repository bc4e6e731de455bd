package dev.quipu.runtime.kernel;

/** A format that quantises activations, by {@link IntegerActivations}. */
interface QuantizedActivations extends ActivationFormat {
    /** Columns that share a scale. */
    int group();

    /** The largest integer. */
    int limit();
}
