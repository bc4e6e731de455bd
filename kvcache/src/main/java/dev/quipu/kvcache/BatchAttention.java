package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a batch of tokens does to a cache, layer by layer: it leaves keys and values, and attends. */
final class BatchAttention {
    private final KvLayout layout;
    private final KvTracking tracking;
    private final KvHeads heads;
    private final @Nullable RememberedQueries queries;
    private final DecodeAttention decode;
    private final PrefillAttention prefill;

    BatchAttention(
            KvLayout layout,
            KvTracking tracking,
            AttentionKernels kernels,
            KvHeads heads,
            @Nullable RememberedQueries queries) {
        this.layout = layout;
        this.tracking = tracking;
        this.heads = heads;
        this.queries = queries;
        decode = new DecodeAttention(layout, heads.store(), kernels, tracking);
        prefill = new PrefillAttention(layout, heads.store(), kernels, tracking);
    }

    /** Makes room for a batch, on heads of up to {@code longest} cells without it. */
    void prepare(int tokens, int longest) {
        heads.reserve(tokens, tracking.gathers());
        if (tokens == 1) {
            decode.prepare(longest + 1);
        } else {
            prefill.prepare(tokens, longest + tokens);
        }
    }

    /**
     * Stores keys and values: {@link KvCache#append}.
     *
     * @param position position of the batch's first token
     * @param place its place in the model's context
     */
    void append(int layer, int kvHead, MemorySegment k, MemorySegment v, int tokens, int position, int place) {
        KvCells head = heads.of(layer, kvHead);
        KvStore store = heads.store();
        RowCodec keys = layout.keys().codec();
        RowCodec values = layout.values().codec();
        long stride = tokens == 1 ? 4 : 4L * TOKENS;
        for (int t = 0; t < tokens; t++) {
            int cell = head.count() + t;
            int number = head.page(cell);
            MemorySegment memory = store.memory(number);
            int slot = cell % PAGE_CELLS;
            long key = channelOffset(t, kvHead, layout.keyDim(), stride);
            keys.encodeKey(k, key, stride, layout.keyDim(), memory, store.offset(number), slot);
            long value = channelOffset(t, kvHead, layout.valueDim(), stride);
            values.encodeValue(v, value, stride, layout.valueDim(), memory, store.values(number), slot);
            memory.set(RowCodec.INT, store.position(number, slot), position + t);
            for (int i = 0; i < store.shape().sideFloats(); i++) {
                memory.set(RowCodec.FLOAT, store.sideFloat(number, i, slot), 0);
            }
            if (tracking.places()) {
                memory.set(RowCodec.INT, store.sideFloat(number, tracking.place(), slot), place + t);
            }
        }
    }

    /** Byte offset of a KV head's first channel of token t. */
    private long channelOffset(int t, int kvHead, int dim, long stride) {
        int panel = t / TOKENS;
        return ((long) panel * layout.kvHeads() + kvHead) * dim * stride + t % TOKENS * 4L;
    }

    /** Independent tasks of {@link #attend}. */
    int tasks(int layer, int tokens) {
        return layout.kvHeads() * parts(layer, tokens);
    }

    /** Tasks per KV head: splits of the cells for one token, else panels. */
    private int parts(int layer, int tokens) {
        if (tokens > 1) {
            return panels(tokens);
        }
        int longest = 0;
        for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
            longest = Math.max(longest, heads.of(layer, kvHead).count() + 1);
        }
        return DecodeAttention.splits(longest);
    }

    private static int panels(int tokens) {
        return (tokens + TOKENS - 1) / TOKENS;
    }

    int kvHead(int task) {
        return task % layout.kvHeads();
    }

    /** The last panels see the most cells and so come first. */
    int panel(int task, int tokens) {
        return panels(tokens) - 1 - task / layout.kvHeads();
    }

    /** One task of a batch that starts at {@code position}: {@link KvCache#attend}. */
    void attend(
            int layer,
            int task,
            MemorySegment q,
            MemorySegment out,
            int tokens,
            int position,
            AttentionScratch scratch) {
        Objects.checkIndex(task, tasks(layer, tokens));
        int kvHead = kvHead(task);
        int part = task / layout.kvHeads();
        KvCells head = heads.of(layer, kvHead);
        if (queries != null && part == 0) {
            queries.capture(layer, kvHead, q, position, tokens);
        }
        if (tokens == 1) {
            decode.attend(head, head.count() + 1, kvHead, part, q, scratch);
        } else {
            prefill.attend(head, head.count(), position, tokens, kvHead, panel(task, tokens), q, out, scratch);
        }
    }

    /** Ends the attention of one layer, after all its tasks: combines what they left. */
    void merge(int layer, MemorySegment out, int tokens, int position) {
        for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
            KvCells head = heads.of(layer, kvHead);
            if (tokens == 1) {
                decode.merge(head, kvHead, head.count() + 1, position, out);
            } else {
                prefill.merge(head, kvHead, tokens);
            }
        }
    }
}
