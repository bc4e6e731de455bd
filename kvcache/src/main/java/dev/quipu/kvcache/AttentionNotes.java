package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;

import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.MemorySegment;

/** Notes that attention takes about cells: what they have received so far, and when they last mattered. */
final class AttentionNotes {
    private final KvPage page;
    private final KvStore store;
    private final KvTracking tracking;

    AttentionNotes(KvPage page, KvStore store, KvTracking tracking) {
        this.page = page;
        this.store = store;
        this.tracking = tracking;
    }

    /**
     * Notes the attention of one query head's panel for the first cells of a page.
     *
     * @param attention float[cells][32]
     * @param queries lanes that hold a query
     * @param position position of the first query
     */
    void take(int number, int cells, float[] attention, int queries, int position) {
        MemorySegment memory = store.memory(number);
        for (int c = 0; c < cells; c++) {
            float sum = 0;
            int last = -1;
            for (int t = 0; t < queries; t++) {
                float weight = attention[c * TOKENS + t];
                sum += weight;
                if (weight * (position + t + 1) >= 1) {
                    last = position + t;
                }
            }
            note(memory, store.offset(number), c, sum, last);
        }
    }

    /** Notes the attention of one query for one cell. */
    void take(int number, int cell, float weight, int position) {
        int last = weight * (position + 1) >= 1 ? position : -1;
        note(store.memory(number), store.offset(number), cell, weight, last);
    }

    private void note(MemorySegment memory, long offset, int cell, float sum, int last) {
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
