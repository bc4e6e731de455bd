package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.LaneKernel;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Notes that attention takes about cells: what they have received so far, and when they last mattered. The panels of a
 * batch each take their own; these are added to the cells in the panels' order, so that sums do not depend on threads.
 */
final class AttentionNotes {
    private final KvPage page;
    private final KvStore store;
    private final KvTracking tracking;
    private final LaneKernel lanes;

    /** float[used][32]: 1 for the first lanes. */
    private final float[][] ones = new float[TOKENS + 1][TOKENS];

    /** float[tasks][cells]. */
    private float[][] received = new float[0][0];

    private float[][] important = new float[0][0];
    private int room;

    AttentionNotes(KvPage page, KvStore store, KvTracking tracking, LaneKernel lanes) {
        this.page = page;
        this.store = store;
        this.tracking = tracking;
        this.lanes = lanes;
        for (int used = 0; used <= TOKENS; used++) {
            Arrays.fill(ones[used], 0, used, 1);
        }
    }

    /** Makes room for so many tasks about heads of up to so many cells. */
    void prepare(int tasks, int cells) {
        if (tasks > received.length || cells > room) {
            int rows = Math.max(tasks, received.length);
            room = Math.max(room, cells + cells / 2);
            received = new float[rows][tracking.has(Statistic.ACCUMULATED_ATTENTION) ? room : 0];
            important = new float[rows][tracking.has(Statistic.LAST_IMPORTANT) ? room : 0];
        }
    }

    /** A task begins to take notes. */
    void begin(int task) {
        Arrays.fill(received[task], 0);
        Arrays.fill(important[task], -1);
    }

    /**
     * Notes the attention of one query head's panel for some cells.
     *
     * @param first cell of the first row
     * @param attention float[cells][32] from the offset
     * @param queries lanes that hold a query
     * @param position position of the first query
     */
    void take(int task, int first, int cells, float[] attention, int offset, int queries, int position) {
        if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
            lanes.sum(attention, offset, cells, ones[queries], received[task], first);
        }
        if (tracking.has(Statistic.LAST_IMPORTANT)) {
            float[] last = important[task];
            for (int c = 0; c < cells; c++) {
                for (int t = 0; t < queries; t++) {
                    if (attention[offset + c * TOKENS + t] * (position + t + 1) >= 1) {
                        last[first + c] = Math.max(last[first + c], position + t);
                    }
                }
            }
        }
    }

    /** Adds the notes of tasks {@code [from, to)} to the first {@code count} cells. */
    void merge(KvCells cells, int count, int from, int to) {
        for (int cell = 0; cell < count; cell++) {
            float sum = 0;
            float last = -1;
            for (int task = from; task < to; task++) {
                sum += received[task].length == 0 ? 0 : received[task][cell];
                last = important[task].length == 0 ? last : Math.max(last, important[task][cell]);
            }
            int number = cells.page(cell);
            note(store.memory(number), store.offset(number), cell % PAGE_CELLS, sum, last);
        }
    }

    /**
     * Notes the attention of one query for the first cells of a page.
     *
     * @param weights float[cells] from index {@code first}
     */
    void take(int number, int cells, float[] weights, int first, int position) {
        MemorySegment memory = store.memory(number);
        long offset = store.offset(number);
        for (int c = 0; c < cells; c++) {
            float weight = weights[first + c];
            note(memory, offset, c, weight, weight * (position + 1) >= 1 ? position : -1);
        }
    }

    private void note(MemorySegment memory, long offset, int cell, float sum, float last) {
        if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
            long at = offset + page.sideFloat(tracking.accumulated(), cell);
            memory.set(RowCodec.FLOAT, at, memory.get(RowCodec.FLOAT, at) + sum);
        }
        if (tracking.has(Statistic.LAST_IMPORTANT)) {
            long at = offset + page.sideFloat(tracking.lastImportant(), cell);
            memory.set(RowCodec.FLOAT, at, Math.max(memory.get(RowCodec.FLOAT, at), last));
        }
    }
}
