package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/**
 * The matrix product of prefill attention: lanes are the {@value #TOKENS} tokens of a panel. Stateless, shared by threads.
 */
public interface PanelKernel {
    /** Tokens of a panel. */
    int TOKENS = 32;

    /**
     * {@code c[row][token] += sum over k of a[aOffset + row * rowStride + k * depthStride] * x[k][token]}.
     *
     * @param rows a multiple of 8
     * @param x float[depth][32], 64-byte aligned native memory
     * @param c float[rows][32]
     */
    void multiply(
            float[] a,
            int aOffset,
            int rowStride,
            int depthStride,
            int rows,
            int depth,
            MemorySegment x,
            long xOffset,
            float[] c,
            int cOffset);
}
