package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.ValueKernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Attention of a panel of 32 tokens. For each page of cells, keys and values are decoded once for all query heads of the
 * group; scores and weighted sums are two matrix products whose lanes are tokens, with an online softmax between them.
 *
 * <p>Based on tiled attention with online softmax: Dao, "FlashAttention-2", arXiv 2307.08691, section 3.1.
 */
final class PrefillAttention {
    private final KvLayout layout;
    private final KvPage page;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final int paddedDim;

    PrefillAttention(KvLayout layout, KvPage page, KvStore store, AttentionKernels kernels) {
        this.layout = layout;
        this.page = page;
        this.store = store;
        this.kernels = kernels;
        paddedDim = ValueKernel.paddedDim(layout.valueDim());
    }

    /**
     * One panel of one KV head; q is float[panels][heads * keyDim][32], out float[panels][heads * valueDim][32].
     *
     * @param before cells that precede the batch; cell {@code before + t} is that of the batch's token t
     * @param last cells that the panel's last token sees
     */
    void attend(
            KvCells cells,
            int before,
            int last,
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
        for (int cell = 0; cell < last; cell += PAGE_CELLS) {
            int count = Math.min(PAGE_CELLS, last - cell);
            unpack(cells.page(cell), count, scratch);
            for (int g = 0; g < layout.group(); g++) {
                long queries = 128L * layout.keyDim() * ((long) panel * layout.heads() + head + g);
                page(count, firstNew - cell, g, q, queries, scratch);
            }
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

    private void unpack(int number, int count, AttentionScratch scratch) {
        MemorySegment memory = store.memory(number);
        long offset = store.offset(number);
        kernels.keys().unpack(memory, offset, count, layout.keyDim(), scratch.keyTile);
        kernels.values().unpack(memory, offset + page.values(), count, layout.valueDim(), scratch.valueTile);
    }

    /** One query head over the unpacked page; {@code diagonal}: the cell of the panel's first token, from the page's first. */
    private void page(int count, int diagonal, int g, MemorySegment q, long queries, AttentionScratch scratch) {
        float[] scores = scratch.panelScores;
        int rows = (count + 7) & -8;
        Arrays.fill(scores, 0, rows * TOKENS, 0);
        kernels.panels().multiply(scratch.keyTile, 1, PAGE_CELLS, rows, layout.keyDim(), q, queries, scores, 0);
        mask(scores, count, diagonal);
        kernels.softmax()
                .panel(
                        scores,
                        count,
                        layout.scale(),
                        scratch.panelWeights,
                        0,
                        scratch.max,
                        scratch.total,
                        scratch.correction,
                        g * TOKENS);
        int sums = g * paddedDim * TOKENS;
        kernels.softmax().rescale(scratch.sums, sums, layout.valueDim(), scratch.correction);
        kernels.panels()
                .multiply(
                        scratch.valueTile,
                        1,
                        paddedDim,
                        (layout.valueDim() + 7) & -8,
                        count,
                        scratch.panelWeights,
                        0,
                        scratch.sums,
                        sums);
    }

    /** Token t sees the cells up to its own, {@code diagonal + t}. */
    private static void mask(float[] scores, int count, int diagonal) {
        for (int c = Math.max(0, diagonal + 1); c < count; c++) {
            int blind = Math.min(TOKENS, c - diagonal);
            Arrays.fill(scores, c * TOKENS, c * TOKENS + blind, Float.NEGATIVE_INFINITY);
        }
    }
}
