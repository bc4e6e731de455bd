package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;

/**
 * The keys and values of one sequence, and attention over them.
 *
 * <p>A batch of tokens runs so: {@link #begin}; for each layer {@link #append} for every KV head, then {@link #attend} for
 * every task of {@link #attentionTasks}, then {@link #merge}; at last {@link #commit}. A batch that is not committed leaves
 * no trace. Calls for different KV heads and different tasks may run at the same time, each thread with its own scratch;
 * everything else is for one thread.
 *
 * <p>Activations are 64-byte aligned native memory: for one token {@code float[channels]}, for several
 * {@code float[panels][channels][32]}, lanes = tokens. Channels are head-major.
 *
 * <p>Memory is taken as positions are filled, in pages of 64 cells per layer and KV head. Every method but
 * {@link #isOpen} and {@link #close} throws {@link IllegalStateException} once the cache is closed.
 */
public final class KvCache implements AutoCloseable {
    private final KvLayout layout;
    private final KvPage page;
    private final KvStore store;
    private final Arena scratchMemory = Arena.ofShared();
    private final KvCells[] cells;
    private final DecodeAttention decode;
    private final PrefillAttention prefill;
    private int positions;
    private int batch;

    private KvCache(KvLayout layout, AttentionKernels kernels) {
        this.layout = layout;
        page = layout.page();
        store = new KvStore(page.bytes());
        cells = new KvCells[layout.layers() * layout.kvHeads()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = new KvCells();
        }
        decode = new DecodeAttention(layout, page, store, kernels);
        prefill = new PrefillAttention(layout, page, store, kernels);
    }

    /**
     * An empty cache.
     *
     * @param width vector width of the attention kernels; empty for scalar ones
     * @throws IllegalArgumentException if the processor does not compute at this width
     */
    public static KvCache create(KvLayout layout, Optional<SimdWidth> width) {
        RowCodec keys = layout.keys().codec();
        RowCodec values = layout.values().codec();
        return new KvCache(layout, AttentionKernels.choose(keys, values, width));
    }

    public KvLayout layout() {
        return layout;
    }

    /** Tokens held so far: the position of the next one. */
    public int positions() {
        return positions;
    }

    /** Working memory for one thread. */
    public AttentionScratch newScratch() {
        requireOpen();
        return new AttentionScratch(layout, scratchMemory);
    }

    /**
     * Starts a batch: takes memory for its tokens in all layers. A batch that was begun before and not committed is
     * abandoned.
     *
     * @return position of the batch's first token
     * @throws KvCacheFullException if the tokens do not fit
     */
    public int begin(int tokens) {
        requireOpen();
        if (tokens < 1) {
            throw new IllegalArgumentException(tokens + " tokens");
        }
        if (tokens > layout.maxPositions() - positions) {
            throw new KvCacheFullException(positions, tokens, layout.maxPositions());
        }
        int longest = 0;
        for (KvCells head : cells) {
            head.reserve(head.count() + tokens, store);
            longest = Math.max(longest, head.count() + tokens);
        }
        if (tokens == 1) {
            decode.prepare(longest);
        }
        batch = tokens;
        return positions;
    }

    /**
     * Stores keys and values of the batch.
     *
     * @param k keys after RoPE, kvHeads * keyDim channels
     * @param v values, kvHeads * valueDim channels
     */
    public void append(int layer, int kvHead, MemorySegment k, MemorySegment v, int tokens) {
        requireBatch(tokens);
        KvCells head = cells(layer, kvHead);
        RowCodec keys = layout.keys().codec();
        RowCodec values = layout.values().codec();
        long stride = tokens == 1 ? 4 : 4L * TOKENS;
        for (int t = 0; t < tokens; t++) {
            int cell = head.count() + t;
            int number = head.page(cell);
            MemorySegment memory = store.memory(number);
            long offset = store.offset(number);
            int slot = cell % PAGE_CELLS;
            long key = channelOffset(t, kvHead, layout.keyDim(), stride);
            keys.encodeKey(k, key, stride, layout.keyDim(), memory, offset, slot);
            long value = channelOffset(t, kvHead, layout.valueDim(), stride);
            values.encodeValue(v, value, stride, layout.valueDim(), memory, offset + page.values(), slot);
            memory.set(RowCodec.INT, offset + page.position(slot), positions + t);
        }
    }

    /** Byte offset of a KV head's first channel of token t. */
    private long channelOffset(int t, int kvHead, int dim, long stride) {
        int panel = t / TOKENS;
        return ((long) panel * layout.kvHeads() + kvHead) * dim * stride + t % TOKENS * 4L;
    }

    /** Independent tasks of {@link #attend} for the batch; the number depends on what is stored, not on threads. */
    public int attentionTasks(int layer, int tokens) {
        requireBatch(tokens);
        return layout.kvHeads() * parts(layer, tokens);
    }

    /** Tasks per KV head: splits of the cells for one token, else panels. */
    private int parts(int layer, int tokens) {
        if (tokens > 1) {
            return (tokens + TOKENS - 1) / TOKENS;
        }
        int longest = 0;
        for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
            longest = Math.max(longest, cells(layer, kvHead).count() + 1);
        }
        return DecodeAttention.splits(longest);
    }

    /**
     * Causal attention: one task of the batch. The batch's keys and values of this layer are appended.
     *
     * @param q queries after RoPE, heads * keyDim channels
     * @param out heads * valueDim channels; for several tokens each task writes its part, for one token {@link #merge} does
     */
    public void attend(int layer, int task, MemorySegment q, MemorySegment out, int tokens, AttentionScratch scratch) {
        requireBatch(tokens);
        Objects.checkIndex(task, attentionTasks(layer, tokens));
        int kvHead = task % layout.kvHeads();
        KvCells head = cells(layer, kvHead);
        if (tokens == 1) {
            decode.attend(head, head.count() + 1, kvHead, task / layout.kvHeads(), q, scratch);
        } else {
            // The last panels see the most cells and so come first.
            int panel = parts(layer, tokens) - 1 - task / layout.kvHeads();
            int last = head.count() + Math.min(tokens, (panel + 1) * TOKENS);
            prefill.attend(head, head.count(), last, kvHead, panel, q, out, scratch);
        }
    }

    /** Ends the attention of one layer, after all its tasks: combines what they left. */
    public void merge(int layer, MemorySegment out, int tokens) {
        requireBatch(tokens);
        if (tokens == 1) {
            for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
                decode.merge(kvHead, cells(layer, kvHead).count() + 1, out);
            }
        }
    }

    /** Ends the batch: its tokens now count. */
    public void commit() {
        requireOpen();
        if (batch == 0) {
            throw new IllegalStateException("no batch to commit");
        }
        for (KvCells head : cells) {
            head.add(batch);
        }
        positions += batch;
        batch = 0;
    }

    /** Forgets everything from this position on. */
    public void truncate(int positions) {
        requireOpen();
        Objects.checkIndex(positions, this.positions + 1);
        for (KvCells head : cells) {
            head.keep(cellsBefore(head, positions), store);
        }
        this.positions = positions;
        batch = 0;
    }

    /** Cells of a head whose position is below the given one; positions ascend. */
    private int cellsBefore(KvCells head, int position) {
        int low = 0;
        int high = head.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (position(head, middle) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int position(KvCells head, int cell) {
        int number = head.page(cell);
        return store.memory(number).get(RowCodec.INT, store.offset(number) + page.position(cell % PAGE_CELLS));
    }

    /** Forgets everything. */
    public void clear() {
        truncate(0);
    }

    /** Bytes of native memory that the cells occupy. */
    public long residentBytes() {
        requireOpen();
        return store.residentBytes();
    }

    public boolean isOpen() {
        return store.isOpen();
    }

    /** Gives all memory back. Scratch of this cache is no longer valid. */
    @Override
    public void close() {
        if (store.isOpen()) {
            store.close();
            scratchMemory.close();
        }
    }

    private KvCells cells(int layer, int kvHead) {
        Objects.checkIndex(layer, layout.layers());
        Objects.checkIndex(kvHead, layout.kvHeads());
        return cells[layer * layout.kvHeads() + kvHead];
    }

    private void requireBatch(int tokens) {
        requireOpen();
        if (tokens != batch) {
            throw new IllegalStateException(
                    batch == 0 ? "no batch has begun" : "a batch of " + batch + " tokens, not " + tokens);
        }
    }

    private void requireOpen() {
        if (!store.isOpen()) {
            throw new IllegalStateException("the KV cache is closed");
        }
    }
}
