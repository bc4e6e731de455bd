package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.attention.ValueKernel;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;

/**
 * How much a value can move the residual stream, for each query head of its group, in panels of 32 cells. {@code || v W_O ||_1}
 * takes all of W_O: it is computed once for each cell and kept beside it. {@code || v W_O ||_2^2} takes only
 * {@code M = W_O W_O^T} and is computed when it is asked for: kept, it would make a cell of eight query heads an eighth larger.
 * One for each worker; the matrices M are shared.
 */
final class ValueNorms {
    /** Rows of W_O that are multiplied at a time. */
    private static final int ROWS = 64;

    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final KvTracking tracking;
    private final OutputProjection projection;

    /**
     * {@code float[layers * heads][rows][rows]}, rows = valueDim rounded up to 8: of each symmetric M the lower half, twice
     * what is off its diagonal. Made when first asked for, by its head's task.
     */
    private final float[][] halves;

    private final int rows;
    private final int width;
    private final float[] slice;

    /** Of each query head of the group. */
    private final float[][] slices;

    private final float[] valueTile;
    private final float[] product;
    private final float[] sums = new float[TOKENS];

    /** float[2 panels][valueDim][32 cells]. */
    private final MemorySegment values;

    /** The same. */
    private final float[] valuePanels;

    /** float[width][32]: a strip of a slice. */
    private final float[] strip;

    private final MemorySegment columns;

    ValueNorms(KvModel model, KvStore store, OutputProjection projection, SegmentAllocator memory) {
        this.store = store;
        this.projection = projection;
        layout = model.layout();
        kernels = model.kernels();
        tracking = model.tracking();
        halves = model.halves();
        rows = layout.valueDim() + 7 & -8;
        width = projection.width();
        slice = new float[(width + 7 & -8) * layout.valueDim() + 8];
        slices = new float[layout.group()][tracking.has(Statistic.VALUE_NORM) ? slice.length : 0];
        int paddedDim = ValueKernel.paddedDim(layout.valueDim());
        valueTile = new float[PAGE_CELLS * paddedDim + TOKENS];
        product = new float[Math.max(ROWS, rows) * TOKENS];
        values = memory.allocate(4L * layout.valueDim() * PAGE_CELLS, 64);
        valuePanels = new float[layout.valueDim() * PAGE_CELLS];
        strip = new float[width * TOKENS];
        columns = memory.allocate(4L * strip.length, 64);
    }

    /** Computes the {@code || v W_O ||_1} that the head's newer cells lack. */
    void update(KvCells cells, int layer, int kvHead) {
        if (cells.measured() == cells.count()) {
            return;
        }
        for (int g = 0; g < layout.group(); g++) {
            projection.slice(layer, kvHead * layout.group() + g, slices[g]);
        }
        for (int cell = cells.measured() / PAGE_CELLS * PAGE_CELLS; cell < cells.count(); cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            loadValues(cells.page(cell), length);
            for (int g = 0; g < layout.group(); g++) {
                for (int first = 0; first < length; first += TOKENS) {
                    absoluteSums(slices[g], first / TOKENS);
                    store(cells.page(cell), tracking.valueNorms() + g, first, Math.min(TOKENS, length - first));
                }
            }
        }
        cells.measured(cells.count());
    }

    /** {@code squares[g][cell] = || v W_O ||_2^2} of all cells, of query head g of the group; room for whole pages. */
    void squares(KvCells cells, int layer, int kvHead, float[][] squares) {
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            loadValues(cells.page(cell), length);
            for (int g = 0; g < layout.group(); g++) {
                float[] half = half(layer, kvHead * layout.group() + g);
                for (int first = 0; first < length; first += TOKENS) {
                    squares(half, first / TOKENS);
                    System.arraycopy(sums, 0, squares[g], cell + first, TOKENS);
                }
            }
        }
    }

    /** {@code norms[cell] = || (v - centre) W_O ||_1} of all cells for a query head of the group; not kept. */
    void centred(KvCells cells, int layer, int head, float[] centre, float[] norms) {
        projection.slice(layer, head, slice);
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            loadValues(cells.page(cell), length);
            for (int i = 0; i < PAGE_CELLS * layout.valueDim(); i++) {
                float value = values.getAtIndex(RowCodec.FLOAT, i);
                values.setAtIndex(RowCodec.FLOAT, i, value - centre[i / TOKENS % layout.valueDim()]);
            }
            for (int first = 0; first < length; first += TOKENS) {
                absoluteSums(slice, first / TOKENS);
                System.arraycopy(sums, 0, norms, cell + first, TOKENS);
            }
        }
    }

    /** Half of {@code M = W_O W_O^T} of a query head, H with {@code M = (H + H^T) / 2}: float[rows][rows]. */
    float[] half(int layer, int head) {
        int index = layer * layout.heads() + head;
        if (halves[index].length == 0) {
            projection.slice(layer, head, slice);
            halves[index] = halfOfSlice();
        }
        return halves[index];
    }

    private float[] halfOfSlice() {
        float[] half = new float[rows * rows];
        int dim = layout.valueDim();
        for (int first = 0; first < dim; first += TOKENS) {
            int length = Math.min(TOKENS, dim - first);
            for (int c = 0; c < width; c++) {
                System.arraycopy(slice, c * dim + first, strip, c * TOKENS, length);
            }
            MemorySegment.copy(strip, 0, columns, RowCodec.FLOAT, 0, strip.length);
            Arrays.fill(product, 0);
            kernels.panels().multiply(slice, first, 1, dim, rows - first, width, columns, 0, product, 0);
            for (int row = first; row < dim; row++) {
                for (int column = first; column <= Math.min(row, first + length - 1); column++) {
                    float entry = product[(row - first) * TOKENS + column - first];
                    half[row * rows + column] = row == column ? entry : 2 * entry;
                }
            }
        }
        return half;
    }

    private void loadValues(int number, int length) {
        kernels.values().unpack(store.memory(number), store.values(number), length, layout.valueDim(), valueTile);
        int stride = ValueKernel.paddedDim(layout.valueDim());
        int dim = layout.valueDim();
        for (int panel = 0; panel < PAGE_CELLS / TOKENS; panel++) {
            for (int c = 0; c < Math.min(TOKENS, length - panel * TOKENS); c++) {
                for (int d = 0; d < dim; d++) {
                    valuePanels[(panel * dim + d) * TOKENS + c] = valueTile[(panel * TOKENS + c) * stride + d];
                }
            }
        }
        MemorySegment.copy(valuePanels, 0, values, RowCodec.FLOAT, 0, valuePanels.length);
    }

    /** sums[cell] = || v W_O ||_1. */
    private void absoluteSums(float[] slice, int panel) {
        Arrays.fill(sums, 0);
        int dim = layout.valueDim();
        for (int first = 0; first < width; first += ROWS) {
            int length = Math.min(ROWS, width - first);
            Arrays.fill(product, 0);
            kernels.panels()
                    .multiply(
                            slice,
                            first * dim,
                            dim,
                            1,
                            length + 7 & -8,
                            dim,
                            values,
                            4L * TOKENS * dim * panel,
                            product,
                            0);
            kernels.lanes().sumAbsolutes(product, length, sums);
        }
    }

    /** {@code sums[cell] = v M v = v H v}. */
    private void squares(float[] half, int panel) {
        int dim = layout.valueDim();
        int from = panel * dim * TOKENS;
        Arrays.fill(sums, 0);
        Arrays.fill(product, 0);
        for (int row = 0; row < rows; row += 8) {
            int depth = Math.min(dim, row + 8);
            kernels.panels().multiply(half, row * rows, rows, 1, 8, depth, values, 4L * from, product, row * TOKENS);
        }
        kernels.lanes().sumPairs(product, 0, valuePanels, from, dim, sums);
    }

    private void store(int number, int index, int cell, int length) {
        MemorySegment.copy(sums, 0, store.memory(number), RowCodec.FLOAT, store.sideFloat(number, index, cell), length);
    }
}
