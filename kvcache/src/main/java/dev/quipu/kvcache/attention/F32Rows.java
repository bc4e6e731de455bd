package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/**
 * Rows of 32-bit floats.
 *
 * <pre>
 * key tile   float[keyDim][16 cells]
 * value row  float[valueDim]
 * </pre>
 */
public final class F32Rows implements RowCodec {
    @Override
    public int intPlanes(int keyDim) {
        return keyDim;
    }

    @Override
    public int shortPlanes(int keyDim) {
        return 0;
    }

    @Override
    public int valueRowBytes(int valueDim) {
        return 4 * valueDim;
    }

    @Override
    public void encodeKey(
            MemorySegment source, long sourceOffset, long stride, int keyDim, MemorySegment page, long keys, int cell) {
        long target = tileOffset(keys, cell, keyDim) + cell % TILE_CELLS * 4L;
        for (int d = 0; d < keyDim; d++) {
            page.set(FLOAT, target + 64L * d, source.get(FLOAT, sourceOffset + d * stride));
        }
    }

    @Override
    public float key(MemorySegment page, long keys, int cell, int d, int keyDim) {
        return page.get(FLOAT, tileOffset(keys, cell, keyDim) + 64L * d + cell % TILE_CELLS * 4L);
    }

    @Override
    public void encodeValue(
            MemorySegment source,
            long sourceOffset,
            long stride,
            int valueDim,
            MemorySegment page,
            long values,
            int cell) {
        long target = values + (long) cell * valueRowBytes(valueDim);
        for (int d = 0; d < valueDim; d++) {
            page.set(FLOAT, target + 4L * d, source.get(FLOAT, sourceOffset + d * stride));
        }
    }

    @Override
    public float value(MemorySegment page, long values, int cell, int d, int valueDim) {
        return page.get(FLOAT, values + (long) cell * valueRowBytes(valueDim) + 4L * d);
    }
}
