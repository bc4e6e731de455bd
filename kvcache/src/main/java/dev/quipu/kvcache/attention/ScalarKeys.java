package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/** The definition of {@link KeyKernel}, for any row type. */
final class ScalarKeys implements KeyKernel {
    private final RowCodec codec;

    ScalarKeys(RowCodec codec) {
        this.codec = codec;
    }

    @Override
    public float queryScale() {
        return 1;
    }

    @Override
    public void dots(
            MemorySegment page,
            long keys,
            int cells,
            int keyDim,
            float[] q,
            int heads,
            float[] scores,
            int scoresOffset,
            int scoresStride) {
        for (int h = 0; h < heads; h++) {
            for (int c = 0; c < cells; c++) {
                scores[scoresOffset + h * scoresStride + c] = dot(page, keys, c, keyDim, q, h * keyDim);
            }
        }
    }

    private float dot(MemorySegment page, long keys, int cell, int keyDim, float[] q, int qOffset) {
        float sum = 0;
        for (int d = 0; d < keyDim; d++) {
            sum = Math.fma(q[qOffset + d], codec.key(page, keys, cell, d, keyDim), sum);
        }
        return sum;
    }

    @Override
    public void unpack(MemorySegment page, long keys, int cells, int keyDim, float[] tile) {
        for (int d = 0; d < keyDim; d++) {
            for (int c = 0; c < cells; c++) {
                tile[d * RowCodec.PAGE_CELLS + c] = codec.key(page, keys, c, d, keyDim);
            }
        }
    }
}
