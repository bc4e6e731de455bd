package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/** Reads the values of a page. Stateless, shared by threads. */
public interface ValueKernel {
    /** The factor by which the caller multiplies weights before {@link #accumulate}. */
    float weightScale();

    /**
     * {@code sums[h] += sum over c of p[pOffset + h * pStride + c] * v[c]}.
     *
     * @param values byte offset of the page's values
     * @param cells 1 to 64
     * @param p weights, times {@link #weightScale()}
     * @param sums float[heads][sumsStride], from sumsOffset; sumsStride = valueDim rounded up to 32, channels past
     *     valueDim are undefined
     */
    void accumulate(
            MemorySegment page,
            long values,
            int cells,
            int valueDim,
            float[] p,
            int pOffset,
            int pStride,
            int heads,
            float[] sums,
            int sumsOffset,
            int sumsStride);

    /** Decodes into {@code tile}: float[cells][valueDim rounded up to 32], channels past valueDim undefined but finite. */
    void unpack(MemorySegment page, long values, int cells, int valueDim, float[] tile);

    /** {@code valueDim} rounded up to what the kernels work on. */
    static int paddedDim(int valueDim) {
        return (valueDim + 31) & -32;
    }
}
