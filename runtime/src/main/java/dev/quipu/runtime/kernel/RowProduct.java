package dev.quipu.runtime.kernel;

/**
 * y = W x for a run of rows, straight from their blocks: the hot part of a decode kernel.
 *
 * <p>Vector loads may reach up to {@value #OVERRUN} bytes beyond a row; what they find there is multiplied by zero and
 * never makes an infinity or a NaN of it.
 */
interface RowProduct {
    /** How far beyond a row's end a kernel may read, in bytes. */
    int OVERRUN = 160;

    /** How {@code x} of {@link #rows} is laid out. */
    ActivationFormat format();

    /** Whether rows are taken in pairs that lie far apart: adjacent streams defeat the hardware prefetcher. */
    boolean paired();

    /**
     * Rows 0 to {@code count - 1} from address {@code w} on, into float[count] at address {@code y}. A paired kernel computes
     * as many rows again from {@code w + far} on, into {@code y + yFar}; with both zero, the same rows.
     *
     * @param x address of the activations, prepared by {@link #format}
     */
    void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar);
}
