package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/** What matrix products need from one tensor type at one width and precision. Stateless, shared by threads. */
public interface TypeKernel {
    /** What {@link #multiply} expects its input vector to be. */
    ActivationFormat format();

    /**
     * One chunk of y = W x. The kernel decides which rows a chunk is; over all chunks each row comes once.
     *
     * @param x as prepared by {@link #format}
     * @param y float[rows]
     */
    void multiply(WeightMatrix w, MemorySegment x, MemorySegment y, int chunk, int chunks);

    /**
     * Weights as floats.
     *
     * @param offset byte offset of a block in {@code w}
     * @param elements a multiple of the type's block
     */
    void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements);
}
