package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/**
 * Rows of 16-bit floats; larger magnitudes saturate at 65,504.
 *
 * <pre>
 * key tile   int[keyDim / 2][16 cells]: channels 2i (low half) and 2i + 1 (high half)
 * value row  int[valueDim / 32][16]: channels 32b + i (low half) and 32b + 16 + i (high half), padded to whole blocks
 * </pre>
 */
public final class F16Rows implements RowCodec {
    /** Largest finite half. */
    static final float MAX = 65504f;

    /** A half's bits, shifted into those of a float, are 2^112 times too small: the exponent biases differ by 112. */
    static final float REBIAS = 0x1p112f;

    /** What is the half's own of an int with a half in its high bits, after a shift to the right by 3. */
    static final int SHIFTED = 0x8fffe000;

    @Override
    public int intPlanes(int keyDim) {
        return keyDim / 2;
    }

    @Override
    public int shortPlanes(int keyDim) {
        return 0;
    }

    @Override
    public int valueRowBytes(int valueDim) {
        return (valueDim + 31) / 32 * 64;
    }

    @Override
    public void encodeKey(
            MemorySegment source, long sourceOffset, long stride, int keyDim, MemorySegment page, long keys, int cell) {
        long target = tileOffset(keys, cell, keyDim) + cell % TILE_CELLS * 4L;
        for (int d = 0; d < keyDim; d++) {
            page.set(SHORT, target + pairOffset(d), half(source.get(FLOAT, sourceOffset + d * stride)));
        }
    }

    @Override
    public float key(MemorySegment page, long keys, int cell, int d, int keyDim) {
        long tile = tileOffset(keys, cell, keyDim) + cell % TILE_CELLS * 4L;
        return Float.float16ToFloat(page.get(SHORT, tile + pairOffset(d)));
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
            page.set(SHORT, target + blockOffset(d), half(source.get(FLOAT, sourceOffset + d * stride)));
        }
    }

    @Override
    public float value(MemorySegment page, long values, int cell, int d, int valueDim) {
        long row = values + (long) cell * valueRowBytes(valueDim);
        return Float.float16ToFloat(page.get(SHORT, row + blockOffset(d)));
    }

    private static long pairOffset(int d) {
        return 64L * (d / 2) + 2L * (d % 2);
    }

    private static long blockOffset(int d) {
        return 64L * (d / 32) + 4L * (d % 16) + 2L * (d / 16 % 2);
    }

    private static short half(float value) {
        return Float.floatToFloat16(Math.clamp(value, -MAX, MAX));
    }
}
