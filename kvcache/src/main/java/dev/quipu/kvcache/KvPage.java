package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.OVERREAD_BYTES;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;
import static dev.quipu.kvcache.attention.RowCodec.TILE_CELLS;

import dev.quipu.kvcache.attention.RowCodec;

/**
 * Byte offsets in a page of 64 cells: keys in tiles, values in rows, and beside them what eviction asks of a cell.
 *
 * @param values offset of the first value row; the keys are at 0
 * @param positions offset of {@code int[64]}, the cells' positions
 * @param floats offset of {@code float[sideFloats][64]}
 * @param sideFloats floats per cell that the eviction policy keeps
 * @param bytes size of the page, a multiple of 64
 */
record KvPage(long values, long positions, long floats, int sideFloats, long bytes) {
    static KvPage of(KvLayout layout, int sideFloats) {
        RowCodec keys = layout.keys().codec();
        RowCodec rows = layout.values().codec();
        long values = PAGE_CELLS / TILE_CELLS * keys.keyTileBytes(layout.keyDim());
        long positions = aligned(values + (long) PAGE_CELLS * rows.valueRowBytes(layout.valueDim()));
        long floats = positions + 4L * PAGE_CELLS;
        long bytes = floats + 4L * PAGE_CELLS * sideFloats;
        if (bytes - positions < OVERREAD_BYTES) {
            throw new IllegalStateException("a kernel could read past its page");
        }
        return new KvPage(values, positions, floats, sideFloats, bytes);
    }

    private static long aligned(long offset) {
        return (offset + 63) & -64L;
    }

    /** Offset of a cell's position. */
    long position(int cell) {
        return positions + 4L * cell;
    }

    /** Offset of one of a cell's side floats. */
    long sideFloat(int index, int cell) {
        return floats + 4L * (index * PAGE_CELLS + cell);
    }
}
