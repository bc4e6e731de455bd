package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * y = W x for a run of rows, straight from their blocks: the hot part of a decode kernel.
 *
 * <p>Vector loads may reach up to {@value #OVERRUN} bytes beyond a row; what they find there is multiplied by zero and
 * never makes an infinity or a NaN of it.
 */
interface RowProduct {
    /** How far beyond a row's end a kernel may read, in bytes. */
    int OVERRUN = 64;

    /** How {@code x} of {@link #rows} is laid out. */
    ActivationFormat format();

    /** Whether rows are taken in pairs that lie far apart: adjacent streams defeat the hardware prefetcher. */
    boolean paired();

    /**
     * Rows 0 to {@code count - 1} from {@code w + offset} on, into float[count] at {@code y + yOffset}. A paired kernel
     * computes as many rows again from {@code offset + far} on, into {@code yOffset + yFar}; with both zero, the same rows.
     */
    void rows(
            MemorySegment w,
            long offset,
            long far,
            long rowBytes,
            int count,
            MemorySegment x,
            int columns,
            MemorySegment y,
            long yOffset,
            long yFar);
}
