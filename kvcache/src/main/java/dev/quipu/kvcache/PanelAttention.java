package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The attention of a panel of 32 remembered queries over the cells of a head, computed anew. One for each worker; valid
 * until it attends again.
 */
final class PanelAttention {
    /** The panel's lanes that hold no query. */
    static final int NO_QUERY = -1;

    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final AttentionScratch scratch;
    private final float[] max = new float[TOKENS];
    private final float[] total = new float[TOKENS];
    private final float[] share = new float[TOKENS];
    private final float[] ones = new float[TOKENS];

    /** float[cells][32], room for whole pages: attention, but for each lane's total. */
    private float[] rows = new float[0];

    PanelAttention(KvLayout layout, KvStore store, AttentionKernels kernels, AttentionScratch scratch) {
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        this.scratch = scratch;
        Arrays.fill(ones, 1);
    }

    /**
     * Attends.
     *
     * @param queries float[keyDim][32] at the offset; lanes without a query hold any finite numbers
     * @param positions int[cells] of the cells
     * @param seenFrom position of each lane's query: younger cells are not seen; {@link #NO_QUERY} sees all
     */
    void attend(KvCells cells, int[] positions, MemorySegment queries, long offset, int[] seenFrom) {
        int count = cells.count();
        if (rows.length < count * TOKENS) {
            rows = new float[((count + count / 2) / PAGE_CELLS + 1) * PAGE_CELLS * TOKENS];
        }
        Arrays.fill(rows, 0, (count + 7 & -8) * TOKENS, 0);
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        Arrays.fill(total, 0);
        int oldest = oldest(seenFrom);
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, count - cell);
            int number = cells.page(cell);
            kernels.keys().unpack(store.memory(number), store.offset(number), length, layout.keyDim(), scratch.keyTile);
            kernels.panels()
                    .multiply(
                            scratch.keyTile,
                            0,
                            1,
                            PAGE_CELLS,
                            length + 7 & -8,
                            layout.keyDim(),
                            queries,
                            offset,
                            rows,
                            cell * TOKENS);
            if (positions[cell + length - 1] > oldest) {
                mask(positions, cell, length, seenFrom);
            }
            kernels.lanes().raise(rows, cell * TOKENS, length, max);
        }
        for (int lane = 0; lane < TOKENS; lane++) {
            max[lane] *= layout.scale();
        }
        // Page by page: code that is not compiled yet is left with the next call.
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, count - cell);
            kernels.softmax().normalise(rows, cell * TOKENS, length, layout.scale(), max, ones, 0);
            kernels.lanes().add(rows, cell * TOKENS, length, total);
        }
    }

    private static int oldest(int[] seenFrom) {
        int oldest = Integer.MAX_VALUE;
        for (int position : seenFrom) {
            oldest = position == NO_QUERY ? oldest : Math.min(oldest, position);
        }
        return oldest;
    }

    private void mask(int[] positions, int cell, int length, int[] seenFrom) {
        for (int lane = 0; lane < TOKENS; lane++) {
            int query = seenFrom[lane];
            for (int c = cell + length - 1; c >= cell && query != NO_QUERY && positions[c] > query; c--) {
                rows[c * TOKENS + lane] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /** {@code column[cell] += sum over lanes of weights[lane] * attention[cell][lane]}. */
    void sum(KvCells cells, float[] weights, float[] column) {
        float[] shares = shares(weights);
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            kernels.lanes().sum(rows, cell * TOKENS, length, shares, column, cell);
        }
    }

    /** The weighted sum for the cells of a page from {@code cell}, each lane times {@code factors[c][lane]}. */
    void sumProducts(int cell, int length, float[] factors, float[] weights, float[] column) {
        kernels.lanes().sumProducts(rows, cell * TOKENS, length, factors, shares(weights), column, cell);
    }

    private float[] shares(float[] weights) {
        for (int lane = 0; lane < TOKENS; lane++) {
            share[lane] = weights[lane] / total[lane];
        }
        return share;
    }

    /** Copies the attention into {@code target}: float[cells][32]. */
    void copy(KvCells cells, float[] target) {
        for (int lane = 0; lane < TOKENS; lane++) {
            share[lane] = 1 / total[lane];
        }
        System.arraycopy(rows, 0, target, 0, cells.count() * TOKENS);
        kernels.softmax().rescale(target, 0, cells.count(), share);
    }

    /** The outputs of the panel's queries: float[valueDim][32] into {@code outputs}, from index 0. */
    void outputs(KvCells cells, float[] outputs) {
        int paddedDim = scratch.paddedDim;
        Arrays.fill(outputs, 0, paddedDim * TOKENS, 0);
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            int number = cells.page(cell);
            long values = store.values(number);
            kernels.values().unpack(store.memory(number), values, length, layout.valueDim(), scratch.valueTile);
            MemorySegment.copy(rows, cell * TOKENS, scratch.panelWeights, RowCodec.FLOAT, 0, length * TOKENS);
            kernels.panels()
                    .multiply(
                            scratch.valueTile,
                            0,
                            1,
                            paddedDim,
                            layout.valueDim() + 7 & -8,
                            length,
                            scratch.panelWeights,
                            0,
                            outputs,
                            0);
        }
        kernels.softmax().rescale(outputs, 0, layout.valueDim(), shares(ones));
    }
}
