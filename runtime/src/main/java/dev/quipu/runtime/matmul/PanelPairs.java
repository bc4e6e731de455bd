package dev.quipu.runtime.matmul;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * What a batch's activations add to products in pairs ({@link PairedKernelAvx512}): float[panels][tiles of columns][32]. Whoever needs
 * a tile's first makes it; two who do so at once make the same. Grows to the largest batch seen.
 */
final class PanelPairs {
    private static final VarHandle MADE = MethodHandles.arrayElementVarHandle(boolean[].class);

    float[] sums = new float[0];
    private boolean[] made = new boolean[0];
    private int tiles;

    /** Makes room for another input; what was held is lost. */
    void clear(int panels, int columns) {
        tiles = Tile.columnTiles(columns);
        int count = Math.multiplyExact(panels, tiles);
        if (count > made.length) {
            sums = new float[Math.multiplyExact(count, Tile.PANEL)];
            made = new boolean[count];
        }
        Arrays.fill(made, 0, count, false);
    }

    /**
     * Where in {@link #sums} those of a panel's tile are.
     *
     * @param x address of the tile's activations
     */
    int of(int panel, int tile, long x, int columns) {
        int i = panel * tiles + tile;
        if (!(boolean) MADE.getAcquire(made, i)) {
            PairedKernelAvx512.pairActivations(x, columns, sums, i * Tile.PANEL);
            MADE.setRelease(made, i, true);
        }
        return i * Tile.PANEL;
    }
}
