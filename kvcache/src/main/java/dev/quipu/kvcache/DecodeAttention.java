package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.attention.ValueKernel;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Attention of one token. The cells of a KV head are cut into splits of {@value #SPLIT_CELLS}; the query heads of its group
 * take each split together: scores, their own softmax, weighted sum of values. {@link #merge} weighs the splits against
 * each other, in their order, so that the result does not depend on who computed which.
 *
 * <p>Based on split-KV attention: Dao et al., "Flash-Decoding for long-context inference", 2023.
 */
final class DecodeAttention {
    /** Cells that one task takes, a multiple of the page. */
    static final int SPLIT_CELLS = 256;

    /** Score of a cell that is not seen: finite, since all cells of a split may be hidden. */
    static final float HIDDEN = -1e30f;

    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final int paddedDim;
    private final KvTracking tracking;
    private final AttentionNotes notes;

    /** Weights of all splits, for those who take notes: float[heads][splits][SPLIT_CELLS]. */
    private float[] noted = new float[0];

    /** float[heads][splits][paddedDim]. */
    private float[] sums = new float[0];

    /** float[heads][splits]. */
    private float[] max = new float[0];

    /** float[heads][splits]. */
    private float[] total = new float[0];

    /** What a split's sums, or weights, count in a head of the group: float[splits][group]. */
    private float[] shares = new float[0];

    private final float[] merged;
    private int splits;

    DecodeAttention(KvLayout layout, KvStore store, AttentionKernels kernels, KvTracking tracking) {
        this.tracking = tracking;
        notes = new AttentionNotes(store, tracking, kernels);
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        paddedDim = ValueKernel.paddedDim(layout.valueDim());
        merged = new float[paddedDim];
    }

    static int splits(int cells) {
        return (cells + SPLIT_CELLS - 1) / SPLIT_CELLS;
    }

    /** Makes room for the splits of heads with up to {@code cells} cells. */
    void prepare(int cells) {
        splits = splits(cells);
        int parts = layout.heads() * splits;
        if (parts > max.length) {
            int room = Math.max(parts, 2 * max.length);
            max = new float[room];
            total = new float[room];
            sums = new float[Math.multiplyExact(room, paddedDim)];
            noted = new float[tracking.gathers() ? Math.multiplyExact(room, SPLIT_CELLS) : 0];
            shares = new float[room];
        }
    }

    /** One split of one KV head; q is float[heads][keyDim]. */
    void attend(KvCells cells, int count, int kvHead, int split, MemorySegment q, AttentionScratch scratch) {
        int first = split * SPLIT_CELLS;
        int last = Math.min(count, first + SPLIT_CELLS);
        if (first >= last) {
            return;
        }
        loadQuery(kvHead, q, scratch.query);
        int part = kvHead * layout.group() * splits + split;
        float[] scores = tracking.gathers() ? noted : scratch.scores;
        int at = tracking.gathers() ? part * SPLIT_CELLS : 0;
        score(cells, first, last, scratch.query, scores, at);
        weigh(part, last - first, scores, at);
        sumValues(cells, first, last, scores, at, part * paddedDim);
    }

    /** From a head's scores of a split to those of the next head of the group. */
    private int stride() {
        return tracking.gathers() ? splits * SPLIT_CELLS : SPLIT_CELLS;
    }

    private void loadQuery(int kvHead, MemorySegment q, float[] query) {
        int floats = layout.group() * layout.keyDim();
        MemorySegment.copy(q, RowCodec.FLOAT, 4L * kvHead * floats, query, 0, floats);
        float scale = layout.scale() * kernels.keys().queryScale();
        for (int i = 0; i < floats; i++) {
            query[i] *= scale;
        }
    }

    private void score(KvCells cells, int first, int last, float[] query, float[] scores, int at) {
        for (int cell = first; cell < last; cell += PAGE_CELLS) {
            int number = cells.page(cell);
            kernels.keys()
                    .dots(
                            store.memory(number),
                            store.offset(number),
                            Math.min(PAGE_CELLS, last - cell),
                            layout.keyDim(),
                            query,
                            layout.group(),
                            scores,
                            at + cell - first,
                            stride());
        }
        hide(cells, first, last, scores, at);
    }

    private void hide(KvCells cells, int first, int last, float[] scores, int at) {
        BitSet hidden = cells.hidden();
        for (int cell = hidden.nextSetBit(first); cell >= 0 && cell < last; cell = hidden.nextSetBit(cell + 1)) {
            for (int g = 0; g < layout.group(); g++) {
                scores[at + g * stride() + cell - first] = HIDDEN;
            }
        }
    }

    private void weigh(int firstPart, int count, float[] scores, int at) {
        int padded = (count + 15) & -16;
        for (int g = 0; g < layout.group(); g++) {
            int offset = at + g * stride();
            Arrays.fill(scores, offset + count, offset + padded, Float.NEGATIVE_INFINITY);
            int part = firstPart + g * splits;
            max[part] = kernels.softmax().max(scores, offset, padded);
            total[part] = kernels.softmax()
                    .exponentiate(
                            scores, offset, padded, max[part], kernels.values().weightScale());
        }
    }

    private void sumValues(KvCells cells, int first, int last, float[] weights, int at, int part) {
        int stride = splits * paddedDim;
        for (int g = 0; g < layout.group(); g++) {
            Arrays.fill(sums, part + g * stride, part + g * stride + paddedDim, 0);
        }
        for (int cell = first; cell < last; cell += PAGE_CELLS) {
            int number = cells.page(cell);
            kernels.values()
                    .accumulate(
                            store.memory(number),
                            store.values(number),
                            Math.min(PAGE_CELLS, last - cell),
                            layout.valueDim(),
                            weights,
                            at + cell - first,
                            stride(),
                            layout.group(),
                            sums,
                            part,
                            stride);
        }
    }

    /** Combines the splits of a KV head's query heads into out, float[heads][valueDim]. */
    void merge(KvCells cells, int kvHead, int count, int position, MemorySegment out) {
        int headSplits = splits(count);
        for (int g = 0; g < layout.group(); g++) {
            int head = kvHead * layout.group() + g;
            share(head * splits, headSplits, g);
            Arrays.fill(merged, 0);
            for (int split = 0; split < headSplits; split++) {
                int part = head * splits + split;
                float share = shares[split * layout.group() + g];
                kernels.softmax().addScaled(sums, part * paddedDim, share, merged, 0, paddedDim);
            }
            MemorySegment.copy(merged, 0, out, RowCodec.FLOAT, 4L * head * layout.valueDim(), layout.valueDim());
        }
        if (tracking.gathers()) {
            take(cells, kvHead, count, position);
        }
    }

    /** Weighs the splits of a head of the group, whose first is {@code part}, against each other. */
    private void share(int part, int headSplits, int g) {
        float top = Float.NEGATIVE_INFINITY;
        for (int split = 0; split < headSplits; split++) {
            top = Math.max(top, max[part + split]);
        }
        float sum = 0;
        for (int split = 0; split < headSplits; split++) {
            float share = (float) Math.exp(max[part + split] - top);
            shares[split * layout.group() + g] = share;
            sum += total[part + split] * share;
        }
        for (int split = 0; split < headSplits; split++) {
            shares[split * layout.group() + g] /= sum;
        }
    }

    /** Notes the attention of a group. */
    private void take(KvCells cells, int kvHead, int count, int position) {
        int group = layout.group();
        float scale = 1 / kernels.values().weightScale();
        for (int first = 0; first < count; first += SPLIT_CELLS) {
            int split = first / SPLIT_CELLS;
            int at = (kvHead * group * splits + split) * SPLIT_CELLS;
            int length = Math.min(SPLIT_CELLS, count - first);
            if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
                notes.receive(cells, first, length, noted, at, stride(), group, shares, split * group, scale);
            }
            for (int g = 0; g < group && tracking.has(Statistic.LAST_IMPORTANT); g++) {
                float share = shares[split * group + g] * scale;
                notes.markImportant(cells, first, length, noted, at + g * stride(), share, position);
            }
        }
    }
}
