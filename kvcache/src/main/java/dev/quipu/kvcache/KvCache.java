package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

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
    private final KvModel model;
    private final KvLayout layout;
    private final Arena scratchMemory = Arena.ofShared();
    private final SegmentAllocator scratch;
    private final KvHeads heads;
    private final KvSequence sequence;
    private final BatchAttention attention;
    private final EvictionPasses passes;
    private Repositioning[] moves = new Repositioning[0];
    private int batch;

    private KvCache(KvModel model, KvHeads heads) {
        this.model = model;
        this.heads = heads;
        layout = model.layout();
        KvTracking tracking = model.tracking();
        scratch = heads.store().scratch(scratchMemory);
        RememberedQueries queries =
                tracking.window() ? new RememberedQueries(layout, tracking.history(), scratch) : null;
        sequence = new KvSequence(heads, tracking, queries);
        attention = new BatchAttention(layout, tracking, model.kernels(), heads, queries);
        passes = new EvictionPasses(
                layout, tracking, heads, sequence, new Evictor(model, heads.store(), queries, scratch));
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
     * An empty cache that can evict, of a model whose queries do not turn with their position.
     *
     * @param statistics what its policies need, {@link KvPolicy#needs()}
     * @param projection the model's W_O, for {@link Statistic#VALUE_NORM} and all that are about outputs
     * @throws IllegalArgumentException if the processor does not compute at this width, or the projection is missing
     */
    public static KvCache create(
            KvLayout layout,
            Optional<SimdWidth> width,
            Set<Statistic> statistics,
            Optional<OutputProjection> projection) {
        return create(layout, width, statistics, projection, RotaryPairs.NONE, false);
    }

    /**
     * An empty cache that can evict.
     *
     * @param statistics what its policies need, {@link KvPolicy#needs()}
     * @param projection the model's W_O, for {@link Statistic#VALUE_NORM} and all that are about outputs
     * @param rotary how the model turns queries, for {@link Statistic#FORESEEN_ERROR}
     * @param movable whether {@link #reposition} will be asked for
     * @throws IllegalArgumentException if the processor does not compute at this width, or the projection is missing
     */
    public static KvCache create(
            KvLayout layout,
            Optional<SimdWidth> width,
            Set<Statistic> statistics,
            Optional<OutputProjection> projection,
            RotaryPairs rotary,
            boolean movable) {
        KvModel model = KvModel.of(layout, width, statistics, projection, rotary, movable);
        return new KvCache(
                model, KvHeads.empty(layout, KvPage.of(layout, model.tracking().sideFloats())));
    }

    /**
     * A second sequence that begins like this one and then goes its own way. Pages are shared until one of the two writes to
     * them. Calls for sequences that share pages must not overlap; each is closed by itself.
     */
    public KvCache fork() {
        requireOpen();
        KvCache fork = new KvCache(model, heads.fork());
        fork.sequence.copy(sequence);
        return fork;
    }

    public KvLayout layout() {
        return layout;
    }

    /** Tokens seen so far: the position of the next one. */
    public int positions() {
        return sequence.positions();
    }

    /** The place of the next token in the model's context, by which its key and query are turned. */
    public int nextPlace() {
        return sequence.nextPlace();
    }

    /** Working memory for one thread. */
    public AttentionScratch newScratch() {
        requireOpen();
        return new AttentionScratch(layout, scratch);
    }

    /**
     * Starts a batch: takes memory for its tokens in all layers. A batch that was begun before and not committed is
     * abandoned.
     *
     * @return place of the batch's first token in the model's context, by which its key and query are turned
     * @throws KvCacheFullException if some head has no room for the tokens' cells
     */
    public int begin(int tokens) {
        requireOpen();
        if (tokens < 1) {
            throw new IllegalArgumentException(tokens + " tokens");
        }
        int longest = heads.longest();
        if (tokens > layout.maxPositions() - longest) {
            throw new KvCacheFullException(longest, tokens, layout.maxPositions());
        }
        attention.prepare(tokens, longest);
        sequence.begin(tokens);
        batch = tokens;
        return nextPlace();
    }

    /**
     * Stores keys and values of the batch.
     *
     * @param k keys after RoPE, kvHeads * keyDim channels
     * @param v values, kvHeads * valueDim channels
     */
    public void append(int layer, int kvHead, MemorySegment k, MemorySegment v, int tokens) {
        requireBatch(tokens);
        attention.append(layer, kvHead, k, v, tokens, positions(), nextPlace());
    }

    /** Independent tasks of {@link #attend} for the batch; the number depends on what is stored, not on threads. */
    public int attentionTasks(int layer, int tokens) {
        requireBatch(tokens);
        return attention.tasks(layer, tokens);
    }

    /**
     * Causal attention: one task of the batch. The batch's keys and values of this layer are appended.
     *
     * @param q queries after RoPE, heads * keyDim channels
     * @param out heads * valueDim channels; for several tokens each task writes its part, for one token {@link #merge} does
     */
    public void attend(int layer, int task, MemorySegment q, MemorySegment out, int tokens, AttentionScratch scratch) {
        requireBatch(tokens);
        attention.attend(layer, task, q, out, tokens, positions(), scratch);
    }

    /** The KV head whose query heads a task of {@link #attend} computes. */
    public int attentionHead(int task) {
        return attention.kvHead(task);
    }

    /** The panel whose tokens a task of {@link #attend} computes, of a batch of several. */
    public int attentionPanel(int task, int tokens) {
        return attention.panel(task, tokens);
    }

    /** Ends the attention of one layer, after all its tasks: combines what they left. */
    public void merge(int layer, MemorySegment out, int tokens) {
        requireBatch(tokens);
        attention.merge(layer, out, tokens, positions());
    }

    /** Ends the batch: its tokens now count. */
    public void commit() {
        requireOpen();
        if (batch == 0) {
            throw new IllegalStateException("no batch to commit");
        }
        sequence.add(batch);
        batch = 0;
    }

    /** Forgets everything from this position on. */
    public void truncate(int positions) {
        requireOpen();
        Objects.checkIndex(positions, positions() + 1);
        sequence.truncate(positions);
        batch = 0;
    }

    /**
     * Gives the cells new places in the model's context, without the gaps that eviction left, so that it does not end. Only
     * for a cache that was made for it. Positions stay what they are.
     */
    public void reposition(TaskRunner runner) {
        requireOpen();
        if (!model.tracking().places()) {
            throw new IllegalStateException("the cache does not know the places of its cells");
        }
        if (moves.length != runner.workers()) {
            moves = new Repositioning[runner.workers()];
            Arrays.setAll(moves, worker -> new Repositioning(model, heads.store()));
        }
        sequence.reposition(moves, runner);
        batch = 0;
    }

    /**
     * How many of the first {@code end} positions can be built upon: the most, up to {@code end}, whose last {@code window}
     * positions are held by all heads.
     */
    public int intact(int end, int window) {
        requireOpen();
        return sequence.intact(end, window);
    }

    /** Cells of the fullest head. */
    public int longest() {
        return heads.longest();
    }

    /** Marks positions {@code [from, to)} as never to be evicted, such as the system prompt; until they are truncated. */
    public void protect(int from, int to) {
        Objects.checkFromToIndex(from, to, Integer.MAX_VALUE);
        sequence.spans().set(from, to);
    }

    /**
     * What the policy would keep now.
     *
     * @throws IllegalArgumentException if the cache was not made to know what the policy needs
     */
    public EvictionPlan plan(KvPolicy policy, KvBudget budget, TaskRunner runner) {
        return plans(policy, List.of(budget), runner).getFirst();
    }

    /** The same for several budgets, with one look at the cells. */
    public List<EvictionPlan> plans(KvPolicy policy, List<KvBudget> budgets, TaskRunner runner) {
        requireOpen();
        return passes.plans(policy, budgets, runner);
    }

    /**
     * A choice that was made elsewhere.
     *
     * @param kept BitSet[layers][kvHeads]: the cells that stay, by index
     */
    public EvictionPlan plan(BitSet[][] kept) {
        requireOpen();
        return passes.plan(kept);
    }

    /**
     * Evicts what the plan does not keep, and gives the memory back.
     *
     * @throws IllegalStateException if the cache has changed since the plan was made
     */
    public EvictionReport apply(EvictionPlan plan, TaskRunner runner) {
        requireOpen();
        EvictionReport report = passes.apply(plan, runner);
        batch = 0;
        return report;
    }

    /**
     * Hides from attention what the plan does not keep, and keeps it: what {@link #apply} must be equal to. Cells that come
     * later are seen. A plan of before may be given as long as nothing was evicted since.
     */
    public void mask(EvictionPlan plan) {
        requireOpen();
        passes.mask(plan);
    }

    /** {@link #plan} and {@link #apply}; what the one needs is used again by the next. */
    public EvictionReport evict(KvPolicy policy, KvBudget budget, TaskRunner runner) {
        requireOpen();
        EvictionReport report = passes.evict(policy, budget, runner);
        batch = 0;
        return report;
    }

    /**
     * What carrying out plans would have done to the last queries: this cache is the full one, the plans were made when it
     * was shorter or are made now. Cells younger than a plan are kept.
     *
     * @param queries queries to judge by, the last 1 to 32
     */
    public PerturbationTable audit(List<EvictionPlan> plans, int queries, TaskRunner runner) {
        requireOpen();
        return passes.audit(plans, queries, runner);
    }

    /**
     * What is known about the cells of a head, seen from the last queries. The arrays are valid until the next call for this
     * cache.
     *
     * @param queries 1 to 32
     */
    public HeadObservation observe(int layer, int kvHead, int queries) {
        requireOpen();
        return passes.observe(layer, kvHead, queries);
    }

    /** Cells of a head. */
    public int cellCount(int layer, int kvHead) {
        return heads.of(layer, kvHead).count();
    }

    /** Positions of a head's cells, ascending. */
    public int[] cellPositions(int layer, int kvHead) {
        requireOpen();
        return heads.positions(layer, kvHead);
    }

    /** Cells per head, on average. */
    double meanCells() {
        return (double) heads.cells() / heads.size();
    }

    /** Cells per head that a budget allows now, on average. */
    int budgetCells(KvBudget budget) {
        return passes.cells(budget);
    }

    /**
     * Saves everything committed. The file replaces an older one at once, when it is complete.
     *
     * @param model what identifies the model; {@link #restore} wants the same
     * @param tokens the sequence's tokens, kept for the caller
     */
    public void save(Path file, String model, int[] tokens) throws IOException {
        requireOpen();
        KvSnapshot.save(file, model, shape(), tokens, sequence::write);
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
            sequence.read(in);
            batch = 0;
            return tokens;
        }
    }

    /** What must be equal for a saved cache to fit. */
    private String shape() {
        KvTracking tracking = model.tracking();
        return "%s, notes %s%s".formatted(layout, tracking.statistics(), tracking.places() ? " and places" : "");
    }

    /** Forgets everything. */
    public void clear() {
        truncate(0);
    }

    /** Bytes of native memory that the cells occupy, with those of sequences that share pages with this one. */
    public long residentBytes() {
        requireOpen();
        return heads.residentBytes();
    }

    /** Bytes of the pages of this sequence, shared ones too. */
    public long heldBytes() {
        requireOpen();
        return heads.heldBytes();
    }

    public boolean isOpen() {
        return heads.isOpen();
    }

    /** Gives all memory back. Scratch of this cache is no longer valid. */
    @Override
    public void close() {
        if (heads.isOpen()) {
            heads.close();
            scratchMemory.close();
        }
    }

    private void requireBatch(int tokens) {
        requireOpen();
        if (tokens != batch) {
            throw new IllegalStateException(
                    batch == 0 ? "no batch has begun" : "a batch of " + batch + " tokens, not " + tokens);
        }
    }

    private void requireOpen() {
        if (!heads.isOpen()) {
            throw new IllegalStateException("the KV cache is closed");
        }
    }
}
