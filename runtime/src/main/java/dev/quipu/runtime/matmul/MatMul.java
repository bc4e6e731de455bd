package dev.quipu.runtime.matmul;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.NativeMemory;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.kernel.QuantUnpacker;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Products of weight matrices and batches: y = W x for each of many tokens.
 *
 * <p>Matrices that share their input can be queued and run as one job. A task is a tile of {@value Tile#ROWS} rows and a
 * group of panels: for {@value Tile#COLUMNS} columns at a time, the tile's weights are unpacked, to floats or to the small
 * integers they are stored as, and multiplied with each panel of the group. So a weight is unpacked once per {@value
 * Tile#PANELS} panels, and unpacked weights stay in the second-level cache. For integers the input is quantised first,
 * once for all matrices that share it, by a job of its own or, part by part, by who makes it: {@link #expect}. The order of
 * each sum depends on neither threads nor batch: only on the columns.
 *
 * <p>One caller at a time. Nothing is allocated per product.
 */
public final class MatMul implements WorkerTeam.Task, AutoCloseable {
    /** Channels of a token that are quantised together. */
    public static final int BLOCK = QuantizedPanels.BLOCK;

    private static final int CACHE_LINE = 64;

    /** Columns of a panel that are quantised as one task. */
    private static final int QUANTIZED_COLUMNS = 256;

    /** Matrices that share an input: query, key, value. */
    private static final int MOST = 3;

    private final PanelKernel kernel;
    private final Optional<QuantKernel> quantKernel;
    private final Optional<PanelQuantizer> quantizer;
    private final Function<GgmlType, Weights> weights;
    private final EnumMap<GgmlType, Weights> knownWeights = new EnumMap<>(GgmlType.class);
    private final WorkerTeam team;
    private final Scratch[] scratch;
    private final Product[] products = new Product[MOST];
    private final WorkerTeam.Task quantize = this::quantize;
    private final QuantizedPanels quantized = new QuantizedPanels();

    /** For products of floats in pairs. */
    private final Optional<PanelPairs> pairs;

    private MemorySegment quantizing = MemorySegment.NULL;
    private int quantizingColumns;
    private int quantizedPanels;
    private boolean expecting;
    private final SumBounds bounds = new SumBounds();
    private int count;

    /** How a type's weights are unpacked: to integers if it can be, else to floats. */
    private record Weights(
            WeightUnpacker unpacker, @Nullable QuantUnpacker quants) {}

    /** What a worker writes while it computes a task. */
    private static final class Scratch {
        final float[] weights = new float[Tile.ROWS * Tile.STRIDE];
        final float[] sums = new float[Tile.PANELS * Tile.ROWS * Tile.PANEL];
        final int[] pairs = new int[Tile.ROWS * QuantKernel.PAIRS_STRIDE];
        final float[] scales = new float[Tile.ROWS * QuantKernel.SCALES_STRIDE];

        /** Holds what {@link #touch} read, which C2 would else leave out. */
        int touched;
    }

    /** One queued product. */
    private static final class Product {
        @Nullable
        WeightMatrix w;

        @Nullable
        WeightUnpacker unpacker;

        /** If the product is one of integers. */
        @Nullable
        QuantUnpacker quants;

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
     * @param inPairs whether products of floats are those of {@link PairedKernelAvx512}
     * @param unpackers how each type's weights become floats
     * @param quantUnpackers how they become integers, for types whose products are to be those of integers
     */
    public MatMul(
            Optional<SimdWidth> width,
            boolean inPairs,
            Function<GgmlType, WeightUnpacker> unpackers,
            Function<GgmlType, Optional<QuantUnpacker>> quantUnpackers,
            WorkerTeam team) {
        this.kernel = width.<PanelKernel>map(
                        w -> w.specialize(MethodHandles.lookup(), VectorPanelKernel.class, PanelKernel.class))
                .orElseGet(ScalarPanelKernel::new);
        this.pairs = inPairs ? Optional.of(new PanelPairs()) : Optional.empty();
        this.quantKernel =
                width.map(w -> w.specialize(MethodHandles.lookup(), VectorQuantKernel.class, QuantKernel.class));
        this.quantizer =
                width.map(w -> w.specialize(MethodHandles.lookup(), VectorPanelQuantizer.class, PanelQuantizer.class));
        this.weights = type ->
                new Weights(unpackers.apply(type), quantUnpackers.apply(type).orElse(null));
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

    /** Queues a product for the next {@link #run}; at most three, of the same input. */
    public void queue(
            WeightMatrix w, MemorySegment x, MemorySegment y, int tokens, boolean addToY, float @Nullable [] bias) {
        int panels = Tile.panels(tokens);
        Objects.checkFromIndexSize(0, Tile.PANEL_BYTES * panels * w.columns(), x.byteSize());
        Objects.checkFromIndexSize(0, Tile.PANEL_BYTES * panels * w.rows(), y.byteSize());
        if (!x.isNative() || !y.isNative()) {
            throw new IllegalArgumentException("input and output must be native memory");
        }
        if (expecting) {
            clear(); // whoever made that input failed
        }
        if (count > 0 && !products[0].x.equals(x)) {
            throw new IllegalArgumentException("queued products do not share their input");
        }
        Product product = products[count];
        product.w = w;
        Weights type = knownWeights.computeIfAbsent(w.type(), weights);
        product.unpacker = type.unpacker;
        product.quants = type.quants;
        product.x = x;
        product.y = y;
        product.panels = panels;
        product.addToY = addToY;
        product.bias = bias;
        product.groupPanels = Math.min(panels, Tile.PANELS);
        product.tasks = Tile.rowTiles(w.rows()) * groups(product);
        count++;
    }

    private static int groups(Product product) {
        return (product.panels + product.groupPanels - 1) / product.groupPanels;
    }

    /**
     * Makes room for the input of what is queued, which does not exist yet: whoever makes it calls {@link #take} for each part,
     * and {@link #run} finds it quantised.
     */
    public void expect() {
        bounds.clear();
        for (int i = 0; i < count; i++) {
            QuantUnpacker quants = products[i].quants;
            if (quants != null) {
                quantizedPanels = Math.max(quantizedPanels, products[i].panels);
                bounds.add(quants);
            }
        }
        if (quantizedPanels > 0) {
            quantizing = products[0].x;
            quantizingColumns = Objects.requireNonNull(products[0].w).columns();
            quantized.ensure(quantizedPanels, quantizingColumns);
        }
        expecting = true;
    }

    /**
     * Quantises channels [from, to) of tokens [first, end) of a panel of the expected input, if what is queued wants it so.
     * Different parts may be handed over at the same time.
     *
     * @param from a multiple of {@value #BLOCK}; what follows the last whole block is left out
     * @param first a multiple of 16, as is the end
     */
    public void take(int panel, int from, int to, int first, int end) {
        if (panel < quantizedPanels) {
            long x = (long) panel * quantizingColumns * Tile.PANEL_BYTES;
            quantizer
                    .orElseThrow()
                    .quantize(quantizing, x, quantized, panel, from, (to - from) / BLOCK, first, end - first, bounds);
        }
    }

    /** Computes what is queued. */
    public void run() {
        try {
            if (!expecting) {
                expect();
                team.run(quantizedPanels * quantizedTiles(), quantize);
            }
            int tasks = 0;
            int panels = 0;
            for (int i = 0; i < count; i++) {
                tasks += products[i].tasks;
                panels = Math.max(panels, products[i].panels);
            }
            if (pairs.isPresent() && count > 0) {
                pairs.get().clear(panels, Objects.requireNonNull(products[0].w).columns());
            }
            team.run(tasks, this);
        } finally {
            clear();
        }
    }

    private void clear() {
        count = 0;
        quantizedPanels = 0;
        expecting = false;
    }

    private int quantizedTiles() {
        return (quantizingColumns + QUANTIZED_COLUMNS - 1) / QUANTIZED_COLUMNS;
    }

    private void quantize(int task, int worker) {
        int tiles = quantizedTiles();
        int panel = task / tiles;
        int column = task % tiles * QUANTIZED_COLUMNS;
        take(panel, column, Math.min(column + QUANTIZED_COLUMNS, quantizingColumns), 0, Tile.PANEL);
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
        int padded = Tile.padded(
                rows,
                product.quants == null
                        ? PanelKernel.ROW_STEP
                        : quantKernel.orElseThrow().rowStep());
        int panel = group * product.groupPanels;
        int panels = Math.min(product.groupPanels, product.panels - panel);
        Arrays.fill(s.sums, 0, panels * padded * Tile.PANEL, 0f);
        for (int column = 0; column < w.columns(); column += Tile.COLUMNS) {
            int columns = Math.min(Tile.COLUMNS, w.columns() - column);
            long from = row * w.rowBytes() + w.type().rowBytes(column);
            s.touched += touch(w, from, rows, columns);
            if (product.quants == null) {
                floats(product, from, rows, padded, column, columns, panel, panels, s);
            } else {
                quants(product, product.quants, from, rows, padded, column, columns, panel, panels, s);
            }
        }
        for (int p = 0; p < panels; p++) {
            long y = ((long) (panel + p) * w.rows() + row) * Tile.PANEL_BYTES;
            kernel.store(s.sums, p * padded * Tile.PANEL, rows, product.bias, row, product.y, y, product.addToY);
        }
    }

    /**
     * Loads a byte of each cache line of a tile of weights, so that they are waited for together: a tile is a short piece of each
     * of its rows, and unpacking waits at each piece anew.
     *
     * @param from byte offset of the tile's first weight
     */
    private static int touch(WeightMatrix w, long from, int rows, int columns) {
        long tile = w.data().address() + from;
        long bytes = w.type().rowBytes(columns);
        int sum = 0;
        for (int r = 0; r < rows; r++) {
            for (long line = 0; line < bytes; line += CACHE_LINE) {
                sum += NativeMemory.ALL.get(JAVA_BYTE, tile + r * w.rowBytes() + line);
            }
        }
        return sum;
    }

    private void floats(
            Product product,
            long from,
            int rows,
            int padded,
            int column,
            int columns,
            int panel,
            int panels,
            Scratch s) {
        WeightMatrix w = Objects.requireNonNull(product.w);
        WeightUnpacker unpacker = Objects.requireNonNull(product.unpacker);
        for (int r = 0; r < rows; r++) {
            unpacker.unpack(w.data(), from + r * w.rowBytes(), s.weights, r * Tile.STRIDE, columns);
        }
        if (pairs.isPresent()) {
            PairedKernelAvx512.pairWeights(s.weights, padded, columns);
        }
        for (int p = 0; p < panels; p++) {
            long x = ((long) (panel + p) * w.columns() + column) * Tile.PANEL_BYTES;
            int to = p * padded * Tile.PANEL;
            if (pairs.isPresent()) {
                PanelPairs of = pairs.get();
                long address = product.x.address() + x;
                int xPair = of.of(panel + p, column / Tile.COLUMNS, address, columns);
                PairedKernelAvx512.accumulate(s.weights, padded, columns, address, of.sums, xPair, s.sums, to);
            } else {
                kernel.accumulate(s.weights, padded, columns, product.x, x, s.sums, to);
            }
        }
    }

    private void quants(
            Product product,
            QuantUnpacker unpacker,
            long from,
            int rows,
            int padded,
            int column,
            int columns,
            int panel,
            int panels,
            Scratch s) {
        WeightMatrix w = Objects.requireNonNull(product.w);
        QuantKernel integers = quantKernel.orElseThrow();
        for (int r = 0; r < rows; r++) {
            unpacker.unpack(
                    w.data(),
                    from + r * w.rowBytes(),
                    s.pairs,
                    r * QuantKernel.PAIRS_STRIDE,
                    s.scales,
                    r * QuantKernel.SCALES_STRIDE,
                    s.weights,
                    r * Tile.STRIDE,
                    columns);
        }
        int group = unpacker.group();
        int groups = columns / group;
        MemorySegment groupSums = group == QuantizedPanels.BLOCK ? quantized.sums : quantized.halfSums;
        for (int p = 0; p < panels; p++) {
            int to = p * padded * Tile.PANEL;
            integers.accumulate(s.pairs, s.scales, padded, groups, group, quantized, panel + p, column, s.sums, to);
            if (unpacker.hasMinima()) {
                // Minima are a product of their own, of few columns: the sums of groups.
                long at = quantized.sum(panel + p, column) * (QuantizedPanels.BLOCK / group);
                kernel.accumulate(s.weights, padded, groups, groupSums, at, s.sums, to);
            }
        }
    }

    @Override
    public void close() {
        quantized.close();
    }
}
