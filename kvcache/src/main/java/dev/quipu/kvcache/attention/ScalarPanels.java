package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/** The definition of {@link PanelKernel}. */
final class ScalarPanels implements PanelKernel {
    @Override
    public void multiply(
            float[] a,
            int aOffset,
            int rowStride,
            int depthStride,
            int rows,
            int depth,
            MemorySegment x,
            long xOffset,
            float[] c,
            int cOffset) {
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < depth; k++) {
                float weight = a[aOffset + row * rowStride + k * depthStride];
                for (int token = 0; token < TOKENS; token++) {
                    int i = cOffset + row * TOKENS + token;
                    c[i] = Math.fma(weight, x.get(RowCodec.FLOAT, xOffset + 4L * (k * TOKENS + token)), c[i]);
                }
            }
        }
    }
}
