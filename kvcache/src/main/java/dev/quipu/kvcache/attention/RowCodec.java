package dev.quipu.kvcache.attention;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How the K and V of one type lie in a page of {@value #PAGE_CELLS} cells. This is the scalar definition of the bytes; the
 * vector kernels read the same.
 *
 * <p><b>Keys</b> lie in tiles of {@value #TILE_CELLS} cells, lanes = cells, so that one vector holds one channel (or several
 * packed into an {@code int}) of neighbouring cells and a dot product needs no reduction: {@code int[intPlanes][16]}, then
 * {@code short[shortPlanes][16]} for block scales. <b>Values</b> lie row by row.
 *
 * <p>{@code keys} and {@code values} are the byte offsets of a page's first key tile and first value row.
 */
public sealed interface RowCodec permits F32Rows, F16Rows, Q8Rows, Q4Rows {
    /** Cells of a page: the unit in which memory is taken and given back. */
    int PAGE_CELLS = 64;

    /** Cells of a key tile. */
    int TILE_CELLS = 16;

    /** What a kernel may read past the last row of a page, in bytes. */
    int OVERREAD_BYTES = 128;

    ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /** Planes of {@code int[16]} in a key tile; keyDim is even. */
    int intPlanes(int keyDim);

    /** Planes of {@code short[16]} in a key tile, after the int planes. */
    int shortPlanes(int keyDim);

    /** Bytes of one value row. */
    int valueRowBytes(int valueDim);

    /** Encodes a key: channel {@code d} is the float at {@code sourceOffset + d * stride}. */
    void encodeKey(
            MemorySegment source, long sourceOffset, long stride, int keyDim, MemorySegment page, long keys, int cell);

    /** Channel {@code d} of the key in {@code cell}, as every kernel must see it. */
    float key(MemorySegment page, long keys, int cell, int d, int keyDim);

    /** Encodes a value: channel {@code d} is the float at {@code sourceOffset + d * stride}. */
    void encodeValue(
            MemorySegment source,
            long sourceOffset,
            long stride,
            int valueDim,
            MemorySegment page,
            long values,
            int cell);

    /** Channel {@code d} of the value in {@code cell}. */
    float value(MemorySegment page, long values, int cell, int d, int valueDim);

    /** Bytes of a key tile, a multiple of 64. */
    default long keyTileBytes(int keyDim) {
        return (64L * intPlanes(keyDim) + 32L * shortPlanes(keyDim) + 63) & -64L;
    }

    /** Byte offset of the tile that holds {@code cell}. */
    default long tileOffset(long keys, int cell, int keyDim) {
        return keys + (cell / TILE_CELLS) * keyTileBytes(keyDim);
    }

    /** Copies a key as it is, from cell to cell. */
    default void moveKey(
            MemorySegment from, long fromKeys, int fromCell, MemorySegment to, long toKeys, int toCell, int keyDim) {
        long source = tileOffset(fromKeys, fromCell, keyDim) + fromCell % TILE_CELLS * 4L;
        long target = tileOffset(toKeys, toCell, keyDim) + toCell % TILE_CELLS * 4L;
        int intPlanes = intPlanes(keyDim);
        for (int plane = 0; plane < intPlanes; plane++) {
            to.set(INT, target + 64L * plane, from.get(INT, source + 64L * plane));
        }
        long scales = 64L * intPlanes;
        source += scales - fromCell % TILE_CELLS * 2L;
        target += scales - toCell % TILE_CELLS * 2L;
        for (int plane = 0; plane < shortPlanes(keyDim); plane++) {
            to.set(SHORT, target + 32L * plane, from.get(SHORT, source + 32L * plane));
        }
    }

    /** Copies a value row as it is, from cell to cell. */
    default void moveValue(
            MemorySegment from,
            long fromValues,
            int fromCell,
            MemorySegment to,
            long toValues,
            int toCell,
            int valueDim) {
        long rowBytes = valueRowBytes(valueDim);
        MemorySegment.copy(from, fromValues + fromCell * rowBytes, to, toValues + toCell * rowBytes, rowBytes);
    }
}
