package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
    private final KvTracking tracking;
    private final KvPage page;
    private final KvStore store;
    private final Arena scratchMemory = Arena.ofShared();
    private final KvCells[] cells;
    private final DecodeAttention decode;
    private final PrefillAttention prefill;
    private final Compaction compaction;
    private final Evictor evictor;
    private final @Nullable QueryWindow window;
    private final BitSet spans = new BitSet();
    private int positions;
    private int batch;
    private int revision;

    private KvCache(
            KvLayout layout, AttentionKernels kernels, KvTracking tracking, Optional<OutputProjection> projection) {
        this.layout = layout;
        this.tracking = tracking;
        page = KvPage.of(layout, tracking.sideFloats());
        store = new KvStore(page.bytes());
        cells = new KvCells[layout.layers() * layout.kvHeads()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = new KvCells();
        }
        decode = new DecodeAttention(layout, page, store, kernels, tracking);
        prefill = new PrefillAttention(layout, page, store, kernels, tracking);
        compaction = new Compaction(layout, page, store);
        window = tracking.window() ? new QueryWindow(layout, scratchMemory) : null;
        evictor = new Evictor(layout, page, store, kernels, tracking, window, projection, scratchMemory);
    }

    /**
     * An empty cache.
     *
     * @param width vector width of the attention kernels; empty for scalar ones
     * @throws IllegalArgumentException if the processor does not compute at this width
     */
    public static KvCache create(KvLayout layout, Optional<SimdWidth> width) {
        return create(layout, width, Set.of(), Optional.empty());
    }

    /**
     * An empty cache that can evict.
     *
     * @param statistics what its policies need, {@link KvPolicy#needs()}
     * @param projection the model's W_O, for {@link Statistic#VALUE_NORM} and {@link Statistic#OUTPUT_DISTANCE}
     * @throws IllegalArgumentException if the processor does not compute at this width, or the projection is missing
     */
    public static KvCache create(
            KvLayout layout,
            Optional<SimdWidth> width,
            Set<Statistic> statistics,
            Optional<OutputProjection> projection) {
        KvTracking tracking = new KvTracking(layout.group(), statistics);
        if (tracking.projection() && projection.isEmpty()) {
            throw new IllegalArgumentException(statistics + " need the output projection");
        }
        RowCodec keys = layout.keys().codec();
        RowCodec values = layout.values().codec();
        AttentionKernels kernels = AttentionKernels.choose(keys, values, width);
        return new KvCache(layout, kernels, tracking, tracking.projection() ? projection : Optional.empty());
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
     * @throws KvCacheFullException if some head has no room for the tokens' cells
     */
    public int begin(int tokens) {
        requireOpen();
        if (tokens < 1) {
            throw new IllegalArgumentException(tokens + " tokens");
        }
        int longest = 0;
        for (KvCells head : cells) {
            longest = Math.max(longest, head.count());
        }
        if (tokens > layout.maxPositions() - longest) {
            throw new KvCacheFullException(longest, tokens, layout.maxPositions());
        }
        for (KvCells head : cells) {
            head.reserve(head.count() + tokens, store);
        }
        if (tokens == 1) {
            decode.prepare(longest + 1);
        }
        if (window != null) {
            window.begin(positions, tokens);
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
            for (int i = 0; i < page.sideFloats(); i++) {
                memory.set(RowCodec.FLOAT, offset + page.sideFloat(i, slot), 0);
            }
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
            // Notes of several panels about one cell are taken in order.
            return tracking.gathers() ? 1 : panels(tokens);
        }
        int longest = 0;
        for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
            longest = Math.max(longest, cells(layer, kvHead).count() + 1);
        }
        return DecodeAttention.splits(longest);
    }

    private static int panels(int tokens) {
        return (tokens + TOKENS - 1) / TOKENS;
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
        int part = task / layout.kvHeads();
        KvCells head = cells(layer, kvHead);
        if (window != null && part == 0) {
            window.capture(layer, kvHead, q, positions, tokens);
        }
        if (tokens == 1) {
            decode.attend(head, head.count() + 1, kvHead, part, q, scratch);
        } else if (tracking.gathers()) {
            for (int panel = 0; panel < panels(tokens); panel++) {
                prefill.attend(head, head.count(), positions, tokens, kvHead, panel, q, out, scratch);
            }
        } else {
            // The last panels see the most cells and so come first.
            int panel = panels(tokens) - 1 - part;
            prefill.attend(head, head.count(), positions, tokens, kvHead, panel, q, out, scratch);
        }
    }

    /** Ends the attention of one layer, after all its tasks: combines what they left. */
    public void merge(int layer, MemorySegment out, int tokens) {
        requireBatch(tokens);
        if (tokens == 1) {
            for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
                KvCells head = cells(layer, kvHead);
                decode.merge(head, kvHead, head.count() + 1, positions, out);
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
        if (window != null) {
            window.commit(positions, batch);
        }
        revision++;
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
        if (window != null) {
            window.truncate(positions);
        }
        if (positions < spans.length()) {
            spans.clear(positions, spans.length());
        }
        this.positions = positions;
        batch = 0;
        revision++;
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

    /** Marks positions {@code [from, to)} as never to be evicted, such as the system prompt; until they are truncated. */
    public void protect(int from, int to) {
        Objects.checkFromToIndex(from, to, Integer.MAX_VALUE);
        spans.set(from, to);
    }

    /**
     * What the policy would keep now.
     *
     * @throws IllegalArgumentException if the cache was not made to know what the policy needs
     */
    public EvictionPlan plan(KvPolicy policy, KvBudget budget, TaskRunner runner) {
        requireOpen();
        if (!tracking.statistics().containsAll(policy.needs())) {
            throw new IllegalArgumentException("policy %s needs %s; the cache knows %s"
                    .formatted(policy.name(), policy.needs(), tracking.statistics()));
        }
        if (positions == 0) {
            throw new IllegalStateException("the KV cache is empty");
        }
        int cellsPerHead = budgetCells(budget);
        BitSet[][] kept = evictor.select(cells, policy, spans, cellsPerHead, positions, runner);
        return new EvictionPlan(layout, kept, revision);
    }

    /**
     * Evicts what the plan does not keep, and gives the memory back.
     *
     * @throws IllegalStateException if the cache has changed since the plan was made
     */
    public EvictionReport apply(EvictionPlan plan, TaskRunner runner) {
        requireOpen();
        if (plan.revision() != revision) {
            throw new IllegalStateException("the cache has changed since the plan was made");
        }
        long start = System.nanoTime();
        long bytes = residentBytes();
        long before = cellCount();
        int[] kept = new int[cells.length];
        runner.run(cells.length, (index, worker) -> {
            BitSet stays = plan.keptCells(index / layout.kvHeads(), index % layout.kvHeads());
            kept[index] = compaction.compact(cells[index], stays);
        });
        for (int i = 0; i < cells.length; i++) {
            cells[i].keep(kept[i], store);
        }
        store.beginShrink();
        for (KvCells head : cells) {
            for (int cell = 0; cell < head.count(); cell += PAGE_CELLS) {
                head.replacePage(cell, store.shrink(head.page(cell)));
            }
        }
        store.endShrink();
        batch = 0;
        revision++;
        return new EvictionReport(before, cellCount(), bytes, residentBytes(), System.nanoTime() - start);
    }

    /** {@link #plan} and {@link #apply}. */
    public EvictionReport evict(KvPolicy policy, KvBudget budget, TaskRunner runner) {
        long start = System.nanoTime();
        EvictionReport report = apply(plan(policy, budget, runner), runner);
        return new EvictionReport(
                report.cellsBefore(),
                report.cellsAfter(),
                report.bytesBefore(),
                report.bytesAfter(),
                System.nanoTime() - start);
    }

    /**
     * What forgetting cells would have done to the last queries: this cache is the full one, the plan was made when it was
     * shorter or is made now. Cells younger than the plan are kept.
     *
     * @param kept cells of the head that stay, as {@link EvictionPlan#kept}
     * @param planned cells the head held when the plan was made
     * @param queries queries to judge by, the last 1 to 32
     */
    public List<Perturbation> audit(int layer, int kvHead, BitSet kept, int planned, int queries) {
        requireOpen();
        BitSet all = (BitSet) kept.clone();
        all.set(planned, Math.max(planned, cells(layer, kvHead).count()));
        return evictor.audit(cells(layer, kvHead), layer, kvHead, all, queries, positions);
    }

    /** Cells of a head. */
    public int cellCount(int layer, int kvHead) {
        return cells(layer, kvHead).count();
    }

    /** Positions of a head's cells, ascending. */
    public int[] cellPositions(int layer, int kvHead) {
        requireOpen();
        KvCells head = cells(layer, kvHead);
        int[] result = new int[head.count()];
        for (int i = 0; i < result.length; i++) {
            result[i] = position(head, i);
        }
        return result;
    }

    /** Cells per head, on average. */
    double meanCells() {
        return (double) cellCount() / cells.length;
    }

    /** Cells per head that a budget allows now, on average. */
    int budgetCells(KvBudget budget) {
        return budget.cells(positions, page.bytes(), cells.length);
    }

    private long cellCount() {
        long count = 0;
        for (KvCells head : cells) {
            count += head.count();
        }
        return count;
    }

    /**
     * Saves everything committed. The file replaces an older one at once, when it is complete.
     *
     * @param model what identifies the model; {@link #restore} wants the same
     * @param tokens the sequence's tokens, kept for the caller
     */
    public void save(Path file, String model, int[] tokens) throws IOException {
        requireOpen();
        CellsFile pages = new CellsFile(store, page);
        KvSnapshot.save(file, model, shape(), tokens, out -> {
            out.writeInt(positions);
            out.writeInt(spans.length());
            for (int i = 0; i < spans.length(); i++) {
                out.writeBoolean(spans.get(i));
            }
            for (KvCells head : cells) {
                pages.write(head, out);
            }
            if (window != null) {
                window.write(out);
            }
        });
    }

    /**
     * Replaces the content of this cache by that of a file of {@link #save}.
     *
     * @return the tokens that were saved with it
     * @throws KvSnapshotException if the file is not a saved cache, is damaged, is of another model or of a cache of another
     *     layout or other statistics; the cache is as it was before
     */
    public int[] restore(Path file, String model) throws IOException {
        requireOpen();
        try (DataInputStream in = KvSnapshot.open(file, model, shape())) {
            int[] tokens = KvSnapshot.readTokens(in);
            int saved = in.readInt();
            clear();
            int marked = in.readInt();
            for (int i = 0; i < marked; i++) {
                spans.set(i, in.readBoolean());
            }
            CellsFile pages = new CellsFile(store, page);
            for (KvCells head : cells) {
                pages.read(head, in);
            }
            if (window != null) {
                window.read(in);
            }
            positions = saved;
            revision++;
            return tokens;
        }
    }

    /** What must be equal for a saved cache to fit. */
    private String shape() {
        return "%s and %s".formatted(layout, tracking.statistics());
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
