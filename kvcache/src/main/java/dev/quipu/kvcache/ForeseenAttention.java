package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The attention that the queries which may come pay to each cell of a head. All their panels meet a page while it is
 * unpacked, with the softmax running on over pages as in {@link PrefillAttention}; what a page's weights lack is known at the
 * end. One for each worker.
 */
final class ForeseenAttention {
    private static final int PANELS = RememberedQueries.PANELS;

    /** Bytes of float[64 cells][32]. */
    private static final long TILE_BYTES = 4L * PAGE_CELLS * TOKENS;

    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final QueryForecast forecast;
    private final AttentionScratch scratch;

    /** float[panels][32]. */
    private final float[] max = new float[PANELS * TOKENS];

    /** float[panels][32]. */
    private final float[] total = new float[PANELS * TOKENS];

    /** float[panels][32]: what turns a page's weights into attention, or its part of the mean. */
    private final float[] shares = new float[PANELS * TOKENS];

    ForeseenAttention(
            KvLayout layout,
            KvStore store,
            AttentionKernels kernels,
            QueryForecast forecast,
            AttentionScratch scratch) {
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        this.forecast = forecast;
        this.scratch = scratch;
    }

    /**
     * Of one query head.
     *
     * @param means receives the weighted mean over queries
     * @param peaks receives the largest of all queries; empty if nobody asks
     */
    void measure(KvCells cells, int layer, int head, float[] means, float[] peaks) {
        scratch.reserve((cells.count() + PAGE_CELLS - 1) / PAGE_CELLS * PANELS);
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        Arrays.fill(total, 0);
        MemorySegment queries = forecast.queries(layer, head);
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            attend(cells, cell, queries);
        }
        Arrays.fill(means, 0);
        Arrays.fill(peaks, 0);
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            gather(cells, cell, means, peaks);
        }
    }

    /** The weights of a page, and the maxima that they refer to. */
    private void attend(KvCells cells, int cell, MemorySegment queries) {
        int length = Math.min(PAGE_CELLS, cells.count() - cell);
        int number = cells.page(cell);
        int rows = length + 7 & -8;
        float[] scores = scratch.panelScores;
        kernels.keys().unpack(store.memory(number), store.offset(number), length, layout.keyDim(), scratch.keyTile);
        for (int panel = 0; panel < PANELS; panel++) {
            int tile = cell / PAGE_CELLS * PANELS + panel;
            long offset = 4L * TOKENS * layout.keyDim() * panel;
            Arrays.fill(scores, 0, rows * TOKENS, 0);
            kernels.panels()
                    .multiply(scratch.keyTile, 0, 1, PAGE_CELLS, rows, layout.keyDim(), queries, offset, scores, 0);
            kernels.softmax()
                    .panel(
                            scores,
                            length,
                            layout.scale(),
                            scratch.panelWeights,
                            TILE_BYTES * tile,
                            max,
                            total,
                            scratch.correction,
                            panel * TOKENS);
            System.arraycopy(max, panel * TOKENS, scratch.pageMax, tile * TOKENS, TOKENS);
        }
    }

    /** What a page's cells receive, now that the last maxima and sums are known. */
    private void gather(KvCells cells, int cell, float[] means, float[] peaks) {
        int length = Math.min(PAGE_CELLS, cells.count() - cell);
        int first = cell / PAGE_CELLS * PANELS;
        long weights = scratch.panelWeights.address() + TILE_BYTES * first;
        float[] attention = scratch.pageMax;
        for (int panel = 0; panel < PANELS; panel++) {
            kernels.softmax().normalise(attention, (first + panel) * TOKENS, 1, 1, max, total, panel * TOKENS);
        }
        float[] share = forecast.weights();
        boolean meansOnly = peaks.length == 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = share[i] == 0 ? 0 : attention[first * TOKENS + i] * (meansOnly ? share[i] : 1);
        }
        if (meansOnly) {
            kernels.lanes().sum(weights, PANELS, length, shares, 0, means, cell);
        } else {
            kernels.lanes().sumAndPeak(weights, PANELS, length, shares, 0, share, means, peaks, cell);
        }
    }
}
