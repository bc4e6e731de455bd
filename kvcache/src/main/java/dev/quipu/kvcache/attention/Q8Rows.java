package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/**
 * Rows of 8-bit integers with a half-precision scale per 32 channels: {@code x = d * q}, q from -127 to 127. The numbers are
 * those of ggml's {@code Q8_0}; their order is ours.
 *
 * <pre>
 * key tile   int[keyDim / 4][16 cells]: channels 4i .. 4i + 3, low byte first; then half[keyDim / 32][16 cells]
 * value row  byte[valueDim rounded up to 32], then half[valueDim / 32]
 * </pre>
 */
public final class Q8Rows implements RowCodec {
    private static final int BLOCK = 32;

    @Override
    public int intPlanes(int keyDim) {
        return (keyDim + 3) / 4;
    }

    @Override
    public int shortPlanes(int keyDim) {
        return (keyDim + BLOCK - 1) / BLOCK;
    }

    @Override
    public int valueRowBytes(int valueDim) {
        int padded = ValueKernel.paddedDim(valueDim);
        return padded + 2 * (padded / BLOCK);
    }

    @Override
    public void encodeKey(
            MemorySegment source, long sourceOffset, long stride, int keyDim, MemorySegment page, long keys, int cell) {
        long tile = tileOffset(keys, cell, keyDim);
        long scales = tile + 64L * intPlanes(keyDim) + cell % TILE_CELLS * 2L;
        for (int first = 0; first < keyDim; first += BLOCK) {
            int last = Math.min(keyDim, first + BLOCK);
            short scale = scale(source, sourceOffset, stride, first, last);
            page.set(SHORT, scales + first / BLOCK * 32L, scale);
            float inverse = inverse(scale);
            for (int d = first; d < (last + 3 & -4); d++) {
                int q = d < last ? Math.round(source.get(FLOAT, sourceOffset + d * stride) * inverse) : 0;
                page.set(BYTE, byteOffset(tile, cell, d), (byte) Math.clamp(q, -127, 127));
            }
        }
    }

    @Override
    public float key(MemorySegment page, long keys, int cell, int d, int keyDim) {
        long tile = tileOffset(keys, cell, keyDim);
        long scales = tile + 64L * intPlanes(keyDim) + cell % TILE_CELLS * 2L;
        float scale = Float.float16ToFloat(page.get(SHORT, scales + d / BLOCK * 32L));
        return scale * page.get(BYTE, byteOffset(tile, cell, d));
    }

    private static long byteOffset(long tile, int cell, int d) {
        return tile + d / 4 * 64L + cell % TILE_CELLS * 4L + d % 4;
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
        long row = values + (long) cell * valueRowBytes(valueDim);
        long scales = row + ValueKernel.paddedDim(valueDim);
        for (int first = 0; first < valueDim; first += BLOCK) {
            int last = Math.min(valueDim, first + BLOCK);
            short scale = scale(source, sourceOffset, stride, first, last);
            page.set(SHORT, scales + first / BLOCK * 2L, scale);
            float inverse = inverse(scale);
            for (int d = first; d < last; d++) {
                int q = Math.round(source.get(FLOAT, sourceOffset + d * stride) * inverse);
                page.set(BYTE, row + d, (byte) Math.clamp(q, -127, 127));
            }
        }
    }

    @Override
    public float value(MemorySegment page, long values, int cell, int d, int valueDim) {
        long row = values + (long) cell * valueRowBytes(valueDim);
        long scales = row + ValueKernel.paddedDim(valueDim);
        return Float.float16ToFloat(page.get(SHORT, scales + d / BLOCK * 2L)) * page.get(BYTE, row + d);
    }

    private static short scale(MemorySegment source, long offset, long stride, int first, int last) {
        float largest = 0;
        for (int d = first; d < last; d++) {
            largest = Math.max(largest, Math.abs(source.get(FLOAT, offset + d * stride)));
        }
        return Float.floatToFloat16(Math.min(largest / 127, F16Rows.MAX));
    }

    /** The factor that leads from numbers to integers under the scale as stored. */
    static float inverse(short scale) {
        float d = Float.float16ToFloat(scale);
        return d == 0 ? 0 : 1 / d;
    }
}
