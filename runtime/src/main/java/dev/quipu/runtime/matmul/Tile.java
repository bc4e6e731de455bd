package dev.quipu.runtime.matmul;

/** Sizes of the pieces that a product is cut into. */
final class Tile {
    /** Tokens of a panel. */
    static final int PANEL = 32;
    /** Rows of weights unpacked at a time: a multiple of what kernels take, 12, 5 and 4. */
    static final int ROWS = 60;
    /**
     * Columns of weights unpacked at a time: a multiple of every type's block, and many, since a kernel begins and ends with each
     * tile anew; but a tile has to stay in the second-level cache, with a panel's activations for its columns.
     */
    static final int COLUMNS = 1024;
    /** Distance of unpacked rows in elements: not a power of two, so that they spread over the sets of the cache. */
    static final int STRIDE = COLUMNS + 16;
    /** Panels whose sums a worker holds at a time. */
    static final int PANELS = 16;
    /** Bytes of one channel of a panel. */
    static final long PANEL_BYTES = (long) PANEL * Float.BYTES;

    private Tile() {}

    /** How many tiles of {@link #ROWS} rows cover so many. */
    static int rowTiles(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** How many tiles of {@link #COLUMNS} columns cover so many. */
    static int columnTiles(int columns) {
        return (columns + COLUMNS - 1) / COLUMNS;
    }

    /** How many panels hold so many tokens. */
    static int panels(int tokens) {
        return (tokens + PANEL - 1) / PANEL;
    }

    /** The next multiple of a kernel's row step; {@link #ROWS} is one. */
    static int padded(int rows, int step) {
        return (rows + step - 1) / step * step;
    }
}
