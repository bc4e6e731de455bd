package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/** The definition of {@link ValueKernel}, for any row type. */
final class ScalarValues implements ValueKernel {
    private final RowCodec codec;

    ScalarValues(RowCodec codec) {
        this.codec = codec;
    }

    @Override
    public float weightScale() {
        return 1;
    }

    @Override
    public void accumulate(
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
            int sumsStride) {
        for (int h = 0; h < heads; h++) {
            for (int c = 0; c < cells; c++) {
                add(page, values, c, valueDim, p[pOffset + h * pStride + c], sums, sumsOffset + h * sumsStride);
            }
        }
    }

    private void add(MemorySegment page, long values, int cell, int valueDim, float p, float[] sums, int offset) {
        for (int d = 0; d < valueDim; d++) {
            sums[offset + d] = Math.fma(p, codec.value(page, values, cell, d, valueDim), sums[offset + d]);
        }
    }

    @Override
    public void unpack(MemorySegment page, long values, int cells, int valueDim, float[] tile) {
        int stride = ValueKernel.paddedDim(valueDim);
        for (int c = 0; c < cells; c++) {
            for (int d = 0; d < valueDim; d++) {
                tile[c * stride + d] = codec.value(page, values, c, d, valueDim);
            }
        }
    }
}
