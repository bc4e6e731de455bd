package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Weights of one tensor type as the small integers they are stored as, for products in 16 bits: w = scale q + minimum,
 * with one scale and one minimum for each group of columns. Stateless, shared by threads.
 */
public interface QuantUnpacker {
    /** Columns that share a scale: 16 or 32. */
    int group();

    /** The largest magnitude of q. */
    int limit();

    /**
     * The largest sum of magnitudes of activations that such a sum of products may meet: {@code limit * activationSum} is
     * below 2^15. Activations of which one is large, or a few are, keep more bits by this bound than by one on each of them.
     */
    default int activationSum() {
        return Short.MAX_VALUE / limit();
    }

    /** Whether there are minima other than zero. */
    default boolean hasMinima() {
        return false;
    }

    /**
     * @param offset byte offset of a block in {@code w}
     * @param pairs receives int[elements / 2]: q of an even column and 2^16 times that of the next, in one number
     * @param scales receives float[elements / group]
     * @param minima receives float[elements / group] if there are minima
     * @param elements a multiple of the type's block
     */
    void unpack(
            MemorySegment w,
            long offset,
            int[] pairs,
            int pairsOffset,
            float[] scales,
            int scalesOffset,
            float[] minima,
            int minimaOffset,
            int elements);
}
