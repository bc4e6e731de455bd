package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.ValueKernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Attention of a panel of 32 tokens. For each page of cells, keys and values are decoded once for all query heads of the
 * group; scores and weighted sums are two matrix products whose lanes are tokens, with an online softmax between them.
 *
 * <p>Based on tiled attention with online softmax: Dao, "FlashAttention-2", arXiv 2307.08691, section 3.1.
 */
final class PrefillAttention {
    /** Weights of a page of one query head. */
    private static final long TILE_BYTES = 4L * PAGE_CELLS * TOKENS;

    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final int paddedDim;
    private final KvTracking tracking;
    private final AttentionNotes notes;

    PrefillAttention(KvLayout layout, KvStore store, AttentionKernels kernels, KvTracking tracking) {
        this.tracking = tracking;
        notes = new AttentionNotes(store, tracking, kernels);
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        paddedDim = ValueKernel.paddedDim(layout.valueDim());
    }

    private static int panels(int tokens) {
        return (tokens + TOKENS - 1) / TOKENS;
    }

    /** Makes room for the notes of a batch, on heads of up to {@code cells} cells with it. */
    void prepare(int tokens, int cells) {
        if (tracking.gathers()) {
            notes.prepare(layout.kvHeads() * panels(tokens), cells);
        }
    }

    /** Ends a batch of one KV head, after all its panels: what they noted is added to the cells. */
    void merge(KvCells cells, int kvHead, int tokens) {
        if (tracking.gathers()) {
            int panels = panels(tokens);
            notes.merge(cells, cells.count() + tokens, kvHead * panels, (kvHead + 1) * panels);
        }
    }

    /**
     * One panel of one KV head; q is float[panels][heads * keyDim][32], out float[panels][heads * valueDim][32].
     *
     * @param before cells that precede the batch; cell {@code before + t} is that of the batch's token t
     * @param position position of the batch's first token
     * @param tokens tokens of the batch
     */
    void attend(
            KvCells cells,
            int before,
            int position,
            int tokens,
            int kvHead,
            int panel,
            MemorySegment q,
            MemorySegment out,
            AttentionScratch scratch) {
        Arrays.fill(scratch.max, Float.NEGATIVE_INFINITY);
        Arrays.fill(scratch.total, 0);
        Arrays.fill(scratch.sums, 0);
        int head = kvHead * layout.group();
        int firstNew = before + panel * TOKENS;
        int used = Math.min(TOKENS, tokens - panel * TOKENS);
        int last = firstNew + used;
        int tile = 0;
        if (tracking.gathers()) {
            scratch.reserve(layout.group() * ((last + PAGE_CELLS - 1) / PAGE_CELLS));
        }
        for (int cell = 0; cell < last; cell += PAGE_CELLS) {
            int count = Math.min(PAGE_CELLS, last - cell);
            unpack(cells.page(cell), count, scratch);
            for (int g = 0; g < layout.group(); g++) {
                long queries = 128L * layout.keyDim() * ((long) panel * layout.heads() + head + g);
                page(cells, cell, count, firstNew - cell, g, q, queries, TILE_BYTES * tile, scratch);
                if (tracking.gathers()) {
                    System.arraycopy(scratch.max, g * TOKENS, scratch.pageMax, tile * TOKENS, TOKENS);
                    tile++;
                }
            }
        }
        if (tracking.gathers()) {
            gather(last, used, position + panel * TOKENS, kvHead * panels(tokens) + panel, scratch);
        }
        for (int g = 0; g < layout.group(); g++) {
            long target = 128L * layout.valueDim() * ((long) panel * layout.heads() + head + g);
            kernels.softmax()
                    .divide(
                            scratch.sums,
                            g * paddedDim * TOKENS,
                            layout.valueDim(),
                            scratch.total,
                            g * TOKENS,
                            out,
                            target);
        }
    }

    /** Once maxima and sums are final: by what the weights of each page become attention, of which notes are taken. */
    private void gather(int cells, int used, int position, int task, AttentionScratch scratch) {
        notes.begin(task, cells);
        int tile = 0;
        for (int cell = 0; cell < cells; cell += PAGE_CELLS) {
            long weights = scratch.panelWeights.address() + TILE_BYTES * tile;
            int first = tile * TOKENS;
            for (int g = 0; g < layout.group(); g++) {
                int shares = tile * TOKENS;
                kernels.softmax().normalise(scratch.pageMax, shares, 1, 1, scratch.max, scratch.total, g * TOKENS);
                Arrays.fill(scratch.pageMax, shares + used, shares + TOKENS, 0);
                tile++;
            }
            int count = Math.min(PAGE_CELLS, cells - cell);
            notes.take(task, cell, count, weights, layout.group(), scratch.pageMax, first, position);
        }
    }

    private void unpack(int number, int count, AttentionScratch scratch) {
        MemorySegment memory = store.memory(number);
        kernels.keys().unpack(memory, store.offset(number), count, layout.keyDim(), scratch.keyTile);
        kernels.values().unpack(memory, store.values(number), count, layout.valueDim(), scratch.valueTile);
    }

    /**
     * One query head over the unpacked page.
     *
     * @param diagonal the cell of the panel's first token, from the page's first
     * @param weights byte offset of where its weights go
     */
    private void page(
            KvCells cells,
            int cell,
            int count,
            int diagonal,
            int g,
            MemorySegment q,
            long queries,
            long weights,
            AttentionScratch scratch) {
        score(cells, cell, count, diagonal, q, queries, scratch);
        kernels.softmax()
                .panel(
                        scratch.panelScores,
                        count,
                        layout.scale(),
                        scratch.panelWeights,
                        weights,
                        scratch.max,
                        scratch.total,
                        scratch.correction,
                        g * TOKENS);
        int sums = g * paddedDim * TOKENS;
        kernels.softmax().rescale(scratch.sums, sums, layout.valueDim(), scratch.correction);
        kernels.panels()
                .multiply(
                        scratch.valueTile,
                        0,
                        1,
                        paddedDim,
                        (layout.valueDim() + 7) & -8,
                        count,
                        scratch.panelWeights,
                        weights,
                        scratch.sums,
                        sums);
    }

    /** Scores of the unpacked page, masked: float[count][32]. */
    private void score(
            KvCells cells, int cell, int count, int diagonal, MemorySegment q, long queries, AttentionScratch scratch) {
        float[] scores = scratch.panelScores;
        int rows = (count + 7) & -8;
        Arrays.fill(scores, 0, rows * TOKENS, 0);
        kernels.panels().multiply(scratch.keyTile, 0, 1, PAGE_CELLS, rows, layout.keyDim(), q, queries, scores, 0);
        mask(scores, count, diagonal);
        hide(cells.hidden(), cell, count, scores);
    }

    private static void hide(BitSet hidden, int first, int count, float[] scores) {
        for (int cell = hidden.nextSetBit(first);
                cell >= 0 && cell < first + count;
                cell = hidden.nextSetBit(cell + 1)) {
            Arrays.fill(scores, (cell - first) * TOKENS, (cell - first + 1) * TOKENS, DecodeAttention.HIDDEN);
        }
    }

    /** Token t sees the cells up to its own, {@code diagonal + t}. */
    private static void mask(float[] scores, int count, int diagonal) {
        for (int c = Math.max(0, diagonal + 1); c < count; c++) {
            int blind = Math.min(TOKENS, c - diagonal);
            Arrays.fill(scores, c * TOKENS, c * TOKENS + blind, Float.NEGATIVE_INFINITY);
        }
    }
}
