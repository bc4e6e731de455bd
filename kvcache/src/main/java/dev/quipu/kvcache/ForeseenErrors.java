package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import java.util.Arrays;

/**
 * What outputs to come lose with each cell of a head, {@code a_i || (v_i - y) W_O ||_2}: a is the mean attention of the
 * queries that may come, {@code y = sum of a v} their mean output. One for each worker.
 */
final class ForeseenErrors {
    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final ForeseenAttention attention;
    private final OutputDistances distances;
    private final ValueNorms norms;
    private final float[] sums;
    private final float[] weights = new float[PAGE_CELLS];

    ForeseenErrors(
            KvLayout layout,
            KvStore store,
            AttentionKernels kernels,
            ForeseenAttention attention,
            OutputDistances distances,
            ValueNorms norms) {
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        this.attention = attention;
        this.distances = distances;
        this.norms = norms;
        sums = new float[distances.points.length / TOKENS];
    }

    /**
     * {@code errors[g][cell]}, of query head g of the group.
     *
     * @param squares {@code || v W_O ||_2^2}
     * @param errors float[group][], room for whole pages
     * @param peaks receives the largest attention, float[group][]; each empty if nobody asks
     */
    void measure(KvCells cells, int layer, int kvHead, float[][] squares, float[][] errors, float[][] peaks) {
        for (int first = 0; first < layout.group(); first += TOKENS) {
            int last = Math.min(layout.group(), first + TOKENS);
            Arrays.fill(distances.points, 0);
            for (int g = first; g < last; g++) {
                attention.measure(cells, layer, kvHead * layout.group() + g, errors[g], peaks[g]);
                meanValue(cells, errors[g], g - first);
            }
            for (int g = first; g < last; g++) {
                distances.project(norms.half(layer, kvHead * layout.group() + g), g - first, g - first + 1);
            }
            for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
                int length = Math.min(PAGE_CELLS, cells.count() - cell);
                distances.multiply(cells.page(cell), length);
                for (int g = first; g < last; g++) {
                    for (int c = 0; c < length; c++) {
                        errors[g][cell + c] *= distances.distance(c, g - first, squares[g][cell + c]);
                    }
                }
            }
        }
    }

    /** {@code y = sum of column[cell] v[cell]}, as a point. */
    private void meanValue(KvCells cells, float[] column, int lane) {
        Arrays.fill(sums, 0);
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            for (int c = 0; c < PAGE_CELLS; c++) {
                weights[c] = column[cell + c] * kernels.values().weightScale();
            }
            int number = cells.page(cell);
            kernels.values()
                    .accumulate(
                            store.memory(number),
                            store.values(number),
                            Math.min(PAGE_CELLS, cells.count() - cell),
                            layout.valueDim(),
                            weights,
                            0,
                            PAGE_CELLS,
                            1,
                            sums,
                            0,
                            sums.length);
        }
        for (int d = 0; d < layout.valueDim(); d++) {
            distances.points[d * TOKENS + lane] = sums[d];
        }
    }
}
