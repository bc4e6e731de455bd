package dev.quipu.runtime.matmul;

/** Sizes of the pieces that a product is cut into. */
final class Tile {
    /** Tokens of a panel. */
    static final int PANEL = 32;
    /** Rows of weights unpacked at a time. */
    static final int ROWS = 48;
    /** Columns of weights unpacked at a time: a multiple of every type's block. */
    static final int COLUMNS = 256;
    /** Distance of unpacked rows in elements: not a power of two, so that they spread over the sets of the cache. */
    static final int STRIDE = COLUMNS + 16;
    /** Row counts that kernels take are multiples of this. */
    static final int ROW_STEP = 4;
    /** Panels whose sums a worker holds at a time. */
    static final int PANELS = 16;
    /** Bytes of one channel of a panel. */
    static final long PANEL_BYTES = (long) PANEL * Float.BYTES;

    private Tile() {}

    /** How many tiles of {@link #ROWS} rows cover so many. */
    static int tiles(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** How many panels hold so many tokens. */
    static int panels(int tokens) {
        return (tokens + PANEL - 1) / PANEL;
    }

    /** The next multiple of {@link #ROW_STEP}. */
    static int padded(int rows) {
        return (rows + ROW_STEP - 1) / ROW_STEP * ROW_STEP;
    }
}
