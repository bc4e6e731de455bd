package dev.quipu.kvcache;

/**
 * The model's output projection W_O, as far as eviction asks for it: what a value becomes on its way into the residual
 * stream. Must bear calls from several threads.
 */
public interface OutputProjection {
    /** Channels of the residual stream. */
    int width();

    /** Writes the slice of one query head, {@code slice[width][valueDim]}: row c holds what each value channel adds to channel c. */
    void slice(int layer, int head, float[] slice);
}
