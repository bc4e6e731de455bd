package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Notes that attention takes about cells: what they have received so far, and when they last mattered. The panels of a
 * batch each take their own; these are added to the cells in the panels' order, so that sums do not depend on threads.
 */
final class AttentionNotes {
    private static final float[] WHOLE = {1};

    private final KvStore store;
    private final KvTracking tracking;
    private final AttentionKernels kernels;

    /** float[tasks][cells]. */
    private float[][] received = new float[0][0];

    private float[][] important = new float[0][0];

    /** Cells of which each task has taken notes. */
    private int[] noted = new int[0];

    /** float[cells]: what all tasks about a head have noted. */
    private float[] column = new float[0];

    private int room;

    AttentionNotes(KvStore store, KvTracking tracking, AttentionKernels kernels) {
        this.store = store;
        this.tracking = tracking;
        this.kernels = kernels;
    }

    /** Makes room for so many tasks about heads of up to so many cells. */
    void prepare(int tasks, int cells) {
        if (tasks > received.length || cells > room) {
            int rows = Math.max(tasks, received.length);
            room = (Math.max(room, cells + cells / 2) / PAGE_CELLS + 1) * PAGE_CELLS;
            received = new float[rows][tracking.has(Statistic.ACCUMULATED_ATTENTION) ? room : 0];
            important = new float[rows][tracking.has(Statistic.LAST_IMPORTANT) ? room : 0];
            noted = new int[rows];
            column = new float[room];
        }
    }

    /** A task begins to take notes of this many cells. */
    void begin(int task, int cells) {
        Arrays.fill(received[task], 0);
        Arrays.fill(important[task], -1);
        noted[task] = cells;
    }

    /**
     * Notes the attention of a group's panel for some cells of a page.
     *
     * @param first the page's first cell
     * @param weights address of float[group][64 cells][32]
     * @param shares float[group][32] from the offset: what turns weights into attention, 0 for lanes that hold no query
     * @param position position of the first query
     */
    void take(int task, int first, int cells, long weights, int group, float[] shares, int sharesOffset, int position) {
        if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
            kernels.lanes().sum(weights, group, cells, shares, sharesOffset, received[task], first);
        }
        if (tracking.has(Statistic.LAST_IMPORTANT)) {
            for (int g = 0; g < group; g++) {
                long rows = weights + 4L * TOKENS * PAGE_CELLS * g;
                markImportant(rows, cells, shares, sharesOffset + g * TOKENS, position, important[task], first);
            }
        }
    }

    private static void markImportant(
            long rows, int cells, float[] shares, int sharesOffset, int position, float[] last, int first) {
        for (int c = 0; c < cells; c++) {
            for (int t = 0; t < TOKENS; t++) {
                float weight = NativeMemory.ALL.get(RowCodec.FLOAT, rows + 4L * (c * TOKENS + t));
                if (weight * shares[sharesOffset + t] * (position + t + 1) >= 1) {
                    last[first + c] = Math.max(last[first + c], position + t);
                }
            }
        }
    }

    /** Adds the notes of tasks {@code [from, to)} to a head's first {@code count} cells. */
    void merge(KvCells cells, int count, int from, int to) {
        if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
            Arrays.fill(column, 0, count, 0);
            for (int task = from; task < to; task++) {
                kernels.softmax().addScaled(received[task], 0, 1, column, 0, (noted[task] + 15) & -16);
            }
            receive(cells, 0, count, column, 0, 0, 1, WHOLE, 0, 1);
        }
        if (tracking.has(Statistic.LAST_IMPORTANT)) {
            for (int cell = 0; cell < count; cell++) {
                float last = -1;
                for (int task = from; task < to; task++) {
                    last = Math.max(last, important[task][cell]);
                }
                raise(cells, cell, last);
            }
        }
    }

    /**
     * Adds what cells from {@code first} on have received, {@code scale} times the sum over heads of a share of their weights.
     *
     * @param first the first cell of a page
     * @param weights float[heads][stride] from the offset, room for whole tiles
     * @param shares float[heads] from the offset
     */
    void receive(
            KvCells cells,
            int first,
            int count,
            float[] weights,
            int offset,
            int stride,
            int heads,
            float[] shares,
            int sharesOffset,
            float scale) {
        for (int done = 0; done < count; done += PAGE_CELLS) {
            int number = cells.page(first + done);
            long at = store.memory(number).address() + store.sideFloat(number, tracking.accumulated(), 0);
            int length = Math.min(PAGE_CELLS, count - done) + 15 & -16;
            kernels.softmax().addShares(weights, offset + done, stride, heads, shares, sharesOffset, scale, length, at);
        }
    }

    /**
     * Notes which cells matter to one query head.
     *
     * @param weights float[cells] from the offset, {@code share} times which is attention
     */
    void markImportant(KvCells cells, int first, int count, float[] weights, int offset, float share, int position) {
        for (int c = 0; c < count; c++) {
            if (weights[offset + c] * share * (position + 1) >= 1) {
                raise(cells, first + c, position);
            }
        }
    }

    private void raise(KvCells cells, int cell, float last) {
        int number = cells.page(cell);
        MemorySegment memory = store.memory(number);
        long at = store.sideFloat(number, tracking.lastImportant(), cell % PAGE_CELLS);
        memory.set(RowCodec.FLOAT, at, Math.max(memory.get(RowCodec.FLOAT, at), last));
    }
}
