package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * How a kernel wants its input vector: prepared once, and shared by all matrices whose kernels have an equal format.
 */
public interface ActivationFormat {
    /** Size of a prepared vector; 0 if the kernel takes the floats as they are. */
    long bytes(int columns);

    /**
     * @param x float[columns]
     * @param prepared at least {@link #bytes} long, 64-byte aligned
     */
    void prepare(MemorySegment x, MemorySegment prepared, int columns);
}
