package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/**
 * Rows of 4-bit integers with a half-precision scale per 32 channels: {@code x = d * q}, q from -8 to 7 in two's complement;
 * the channel of the largest magnitude gets -8. The numbers are those of ggml's {@code Q4_0}; their order is ours.
 *
 * <pre>
 * key tile   int[keyDim / 8][16 cells]: channels 8i .. 8i + 7, low nibble first; then half[keyDim / 32][16 cells]
 * value row  byte[valueDim / 32][16]: channels 32b + i (low nibble) and 32b + 16 + i; then half[valueDim / 32]
 * </pre>
 */
public final class Q4Rows implements RowCodec {
    private static final int BLOCK = 32;

    @Override
    public int intPlanes(int keyDim) {
        return (keyDim + 7) / 8;
    }

    @Override
    public int shortPlanes(int keyDim) {
        return (keyDim + BLOCK - 1) / BLOCK;
    }

    @Override
    public int valueRowBytes(int valueDim) {
        int padded = ValueKernel.paddedDim(valueDim);
        return padded / 2 + 2 * (padded / BLOCK);
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
            float inverse = Q8Rows.inverse(scale);
            for (int d = first; d < last; d += 8) {
                int word = 0;
                for (int i = d; i < Math.min(last, d + 8); i++) {
                    word |= nibble(source.get(FLOAT, sourceOffset + i * stride) * inverse) << 4 * (i - d);
                }
                page.set(INT, tile + d / 8 * 64L + cell % TILE_CELLS * 4L, word);
            }
        }
    }

    @Override
    public float key(MemorySegment page, long keys, int cell, int d, int keyDim) {
        long tile = tileOffset(keys, cell, keyDim);
        long scales = tile + 64L * intPlanes(keyDim) + cell % TILE_CELLS * 2L;
        float scale = Float.float16ToFloat(page.get(SHORT, scales + d / BLOCK * 32L));
        int word = page.get(INT, tile + d / 8 * 64L + cell % TILE_CELLS * 4L);
        return scale * (word << 28 - 4 * (d % 8) >> 28);
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
        long scales = row + ValueKernel.paddedDim(valueDim) / 2;
        for (int first = 0; first < valueDim; first += BLOCK) {
            int last = Math.min(valueDim, first + BLOCK);
            short scale = scale(source, sourceOffset, stride, first, last);
            page.set(SHORT, scales + first / BLOCK * 2L, scale);
            float inverse = Q8Rows.inverse(scale);
            for (int i = 0; i < BLOCK / 2; i++) {
                int low =
                        first + i < last ? nibble(source.get(FLOAT, sourceOffset + (first + i) * stride) * inverse) : 0;
                int high = first + 16 + i < last
                        ? nibble(source.get(FLOAT, sourceOffset + (first + 16 + i) * stride) * inverse)
                        : 0;
                page.set(BYTE, row + first / 2 + i, (byte) (low | high << 4));
            }
        }
    }

    @Override
    public float value(MemorySegment page, long values, int cell, int d, int valueDim) {
        long row = values + (long) cell * valueRowBytes(valueDim);
        long scales = row + ValueKernel.paddedDim(valueDim) / 2;
        int pair = page.get(BYTE, row + d / BLOCK * 16L + d % 16);
        int q = d % BLOCK < 16 ? pair << 28 >> 28 : pair >> 4;
        return Float.float16ToFloat(page.get(SHORT, scales + d / BLOCK * 2L)) * q;
    }

    private static int nibble(float scaled) {
        return Math.clamp(Math.round(scaled), -8, 7) & 15;
    }

    private static short scale(MemorySegment source, long offset, long stride, int first, int last) {
        float largest = 0;
        for (int d = first; d < last; d++) {
            float x = source.get(FLOAT, offset + d * stride);
            if (Math.abs(x) > Math.abs(largest)) {
                largest = x;
            }
        }
        return Float.floatToFloat16(Math.clamp(largest / -8, -F16Rows.MAX, F16Rows.MAX));
    }
}
