package dev.quipu.runtime.matmul;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Products of weight matrices and batches: y = W x for each of many tokens.
 *
 * <p>Matrices that share their input can be queued and run as one job. A task is a tile of {@value Tile#ROWS} rows and a
 * group of panels: for {@value Tile#COLUMNS} columns at a time, the tile's weights are unpacked to floats and multiplied
 * with each panel of the group. So a weight is unpacked once per {@value Tile#PANELS} panels, and unpacked weights stay in
 * the second-level cache. The order of each sum depends on neither threads nor batch: only on the columns.
 *
 * <p>One caller at a time. Nothing is allocated per product.
 */
public final class MatMul implements WorkerTeam.Task {
    /** Matrices that share an input: query, key, value. */
    private static final int MOST = 3;

    private final PanelKernel kernel;
    private final Function<GgmlType, WeightUnpacker> unpackers;
    private final WorkerTeam team;
    private final Scratch[] scratch;
    private final Product[] products = new Product[MOST];
    private int count;

    /** What a worker writes while it computes a task. */
    private static final class Scratch {
        final float[] weights = new float[Tile.ROWS * Tile.STRIDE];
        final float[] sums = new float[Tile.PANELS * Tile.ROWS * Tile.PANEL];
    }

    /** One queued product. */
    private static final class Product {
        @Nullable
        WeightMatrix w;

        @Nullable
        WeightUnpacker unpacker;

        MemorySegment x = MemorySegment.NULL;
        MemorySegment y = MemorySegment.NULL;
        int panels;
        int groupPanels;
        int tasks;
        boolean addToY;
        float @Nullable [] bias;
    }

    /**
     * @param width empty = scalar
     * @param unpackers how each type's weights become floats
     */
    public MatMul(Optional<SimdWidth> width, Function<GgmlType, WeightUnpacker> unpackers, WorkerTeam team) {
        this.kernel = width.<PanelKernel>map(
                        w -> w.specialize(MethodHandles.lookup(), VectorPanelKernel.class, PanelKernel.class))
                .orElseGet(ScalarPanelKernel::new);
        this.unpackers = unpackers;
        this.team = team;
        this.scratch = new Scratch[team.threads()];
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] = new Scratch();
        }
        for (int i = 0; i < MOST; i++) {
            products[i] = new Product();
        }
    }

    /**
     * y = W x, or y += W x, plus a bias, for {@code tokens} tokens; what is in the unused lanes of the last panel is
     * computed too.
     *
     * @param x float[panels][columns][32], 64-byte aligned
     * @param y float[panels][rows][32]
     */
    public void multiply(
            WeightMatrix w, MemorySegment x, MemorySegment y, int tokens, boolean addToY, float @Nullable [] bias) {
        queue(w, x, y, tokens, addToY, bias);
        run();
    }

    /** Queues a product for the next {@link #run}; at most three. */
    public void queue(
            WeightMatrix w, MemorySegment x, MemorySegment y, int tokens, boolean addToY, float @Nullable [] bias) {
        int panels = Tile.panels(tokens);
        Objects.checkFromIndexSize(0, Tile.PANEL_BYTES * panels * w.columns(), x.byteSize());
        Objects.checkFromIndexSize(0, Tile.PANEL_BYTES * panels * w.rows(), y.byteSize());
        Product product = products[count];
        product.w = w;
        product.unpacker = unpackers.apply(w.type());
        product.x = x;
        product.y = y;
        product.panels = panels;
        product.addToY = addToY;
        product.bias = bias;
        product.groupPanels = Math.min(panels, Tile.PANELS);
        product.tasks = Tile.tiles(w.rows()) * groups(product);
        count++;
    }

    private static int groups(Product product) {
        return (product.panels + product.groupPanels - 1) / product.groupPanels;
    }

    /** Computes what is queued. */
    public void run() {
        int tasks = 0;
        for (int i = 0; i < count; i++) {
            tasks += products[i].tasks;
        }
        try {
            team.run(tasks, this);
        } finally {
            count = 0;
        }
    }

    /** A task of the worker team; not to be called by others. */
    @Override
    public void run(int task, int worker) {
        int left = task;
        int i = 0;
        Product product = products[0];
        while (left >= product.tasks) {
            left -= product.tasks;
            product = products[++i];
        }
        int tiles = product.tasks / groups(product);
        multiply(product, left % tiles, left / tiles, scratch[worker]);
    }

    private void multiply(Product product, int tile, int group, Scratch s) {
        WeightMatrix w = Objects.requireNonNull(product.w);
        int row = tile * Tile.ROWS;
        int rows = Math.min(Tile.ROWS, w.rows() - row);
        int padded = Tile.padded(rows);
        int panel = group * product.groupPanels;
        int panels = Math.min(product.groupPanels, product.panels - panel);
        Arrays.fill(s.sums, 0, panels * padded * Tile.PANEL, 0f);
        Arrays.fill(s.weights, rows * Tile.STRIDE, padded * Tile.STRIDE, 0f);
        for (int column = 0; column < w.columns(); column += Tile.COLUMNS) {
            int columns = Math.min(Tile.COLUMNS, w.columns() - column);
            unpack(product, row, rows, column, columns, s.weights);
            for (int p = 0; p < panels; p++) {
                long x = ((long) (panel + p) * w.columns() + column) * Tile.PANEL_BYTES;
                kernel.accumulate(s.weights, padded, columns, product.x, x, s.sums, p * padded * Tile.PANEL);
            }
        }
        for (int p = 0; p < panels; p++) {
            long y = ((long) (panel + p) * w.rows() + row) * Tile.PANEL_BYTES;
            kernel.store(s.sums, p * padded * Tile.PANEL, rows, product.bias, row, product.y, y, product.addToY);
        }
    }

    private static void unpack(Product product, int row, int rows, int column, int columns, float[] weights) {
        WeightMatrix w = Objects.requireNonNull(product.w);
        WeightUnpacker unpacker = Objects.requireNonNull(product.unpacker);
        long blocks = w.type().rowBytes(column);
        for (int r = 0; r < rows; r++) {
            unpacker.unpack(w.data(), (row + r) * w.rowBytes() + blocks, weights, r * Tile.STRIDE, columns);
        }
    }
}
