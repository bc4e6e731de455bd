package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;
import static dev.quipu.kvcache.attention.RowCodec.TILE_CELLS;

import dev.quipu.kvcache.attention.RowCodec;

/**
 * Byte offsets in a page of one to four tiles of 16 cells: keys in tiles, values in rows, and beside them what eviction asks
 * of a cell. A head's pages have four tiles, its last one as many as it needs.
 *
 * @param keyTileBytes keys of a tile
 * @param valueRowBytes a value
 * @param sideFloats floats per cell that the eviction policy keeps
 */
record KvPage(long keyTileBytes, long valueRowBytes, int sideFloats) {
    /** Tiles of a whole page. */
    static final int TILES = PAGE_CELLS / TILE_CELLS;

    static KvPage of(KvLayout layout, int sideFloats) {
        RowCodec keys = layout.keys().codec();
        RowCodec values = layout.values().codec();
        return new KvPage(keys.keyTileBytes(layout.keyDim()), values.valueRowBytes(layout.valueDim()), sideFloats);
    }

    /** Tiles that so many cells fill, the last one in part. */
    static int tiles(int cells) {
        return (cells + TILE_CELLS - 1) / TILE_CELLS;
    }

    /** Offset of the first value row; the keys are at 0. */
    long values(int tiles) {
        return tiles * keyTileBytes;
    }

    /** Offset of {@code int[16 tiles]}, the cells' positions. */
    long positions(int tiles) {
        return values(tiles) + TILE_CELLS * tiles * valueRowBytes + 63 & -64L;
    }

    /** Offset of {@code float[16 tiles]}, one of the cells' side floats. */
    long sideFloats(int tiles, int index) {
        return positions(tiles) + 4L * TILE_CELLS * tiles * (index + 1);
    }

    /** Size of the page, a multiple of 64. */
    long bytes(int tiles) {
        return sideFloats(tiles, sideFloats);
    }

    /** Size of all pages of so many cells of one head. */
    long bytesOf(int cells) {
        return cells / PAGE_CELLS * bytes(TILES) + bytes(tiles(cells % PAGE_CELLS));
    }
}
