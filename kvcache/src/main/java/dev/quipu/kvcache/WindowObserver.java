package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at a head's cells as the last queries see them, and at what follows from that. One for each worker. */
final class WindowObserver {
    private final KvLayout layout;
    private final AttentionKernels kernels;
    private final RememberedQueries queries;
    private final @Nullable ValueNorms norms;
    private final PanelAttention attention;
    private final OutputDistances distances;

    /** The queries of a head: float[keyDim][32], lane = position mod 32. */
    private final MemorySegment panel;

    private final float[] channels;

    /** Where each lane's query is remembered, or a negative number. */
    private final int[] rows = new int[TOKENS];

    private final int[] seenFrom = new int[TOKENS];
    private final float[] weights = new float[TOKENS];
    private final float[] centre;
    private int[] lanes = new int[0];

    WindowObserver(
            KvLayout layout,
            KvStore store,
            AttentionKernels kernels,
            RememberedQueries queries,
            @Nullable ValueNorms norms,
            OutputDistances distances,
            AttentionScratch scratch,
            SegmentAllocator memory) {
        this.layout = layout;
        this.kernels = kernels;
        this.queries = queries;
        this.norms = norms;
        this.distances = distances;
        attention = new PanelAttention(layout, store, kernels, scratch);
        channels = new float[layout.keyDim() * TOKENS];
        panel = memory.allocate(4L * channels.length, 64);
        centre = new float[layout.valueDim()];
    }

    /**
     * Chooses the queries of a pass.
     *
     * @param recent queries of the window, 1 to 32
     * @param end tokens seen so far
     */
    void prepare(int recent, int end) {
        int[] positions = queries.positions(recent, end);
        if (positions.length == 0) {
            throw new IllegalStateException("no query is remembered: evict after a token was evaluated");
        }
        Arrays.fill(rows, -1);
        Arrays.fill(seenFrom, PanelAttention.NO_QUERY);
        Arrays.fill(weights, 0);
        lanes = new int[positions.length];
        for (int i = 0; i < lanes.length; i++) {
            int lane = positions[i] % TOKENS;
            lanes[i] = lane;
            rows[lane] = queries.row(positions[i]);
            seenFrom[lane] = positions[i];
            weights[lane] = 1f / lanes.length;
        }
    }

    /** Lanes of the queries of the window, oldest first. */
    int[] lanes() {
        return lanes;
    }

    /** What is wanted of the cells of a head. */
    void observe(KvCells cells, Set<Statistic> wanted, HeadObservation seen) {
        int layer = seen.layer();
        for (int g = 0; g < layout.group(); g++) {
            int head = seen.kvHead() * layout.group() + g;
            queries.load(rows, layer, head, channels);
            MemorySegment.copy(channels, 0, panel, RowCodec.FLOAT, 0, channels.length);
            attention.attend(cells, seen.positions(), panel, 0, seenFrom);
            if (wanted.contains(Statistic.WINDOW_MEAN)) {
                Arrays.fill(seen.windowMeans()[g], 0, cells.count(), 0);
                attention.sum(cells, weights, seen.windowMeans()[g]);
            }
            if (wanted.contains(Statistic.WINDOW_ATTENTION)) {
                attention.copy(cells, seen.attention()[g]);
            }
            if (wanted.contains(Statistic.OUTPUT_ERROR) || wanted.contains(Statistic.OUTPUT_DISTANCE)) {
                measureOutputs(cells, layer, head, g, wanted, seen);
            }
            if (wanted.contains(Statistic.CENTRED_NORM)) {
                centredNorms(cells, layer, head, seen.centredNorms()[g]);
            }
        }
    }

    /** Distances of the values from the outputs of the window's queries. */
    private void measureOutputs(
            KvCells cells, int layer, int head, int g, Set<Statistic> wanted, HeadObservation seen) {
        attention.outputs(cells, distances.points);
        distances.project(projection().half(layer, head), 0, TOKENS);
        boolean means = wanted.contains(Statistic.OUTPUT_ERROR);
        if (means) {
            Arrays.fill(seen.outputErrors()[g], 0, cells.count(), 0);
            Arrays.fill(seen.meanDistances()[g], 0, cells.count(), 0);
        }
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            distances.multiply(cells.page(cell), length);
            distances.finish(length, seen.squares()[g], cell);
            if (means) {
                attention.sumProducts(cell, length, distances.distances, weights, seen.outputErrors()[g]);
                kernels.lanes().sum(distances.distances, 0, length, weights, seen.meanDistances()[g], cell);
            }
            if (wanted.contains(Statistic.OUTPUT_DISTANCE)) {
                System.arraycopy(distances.distances, 0, seen.distances()[g], cell * TOKENS, length * TOKENS);
            }
        }
    }

    /** {@code || (v_i - c) W_O ||_1}, c the mean output of the window's queries. */
    private void centredNorms(KvCells cells, int layer, int head, float[] column) {
        attention.outputs(cells, distances.points);
        Arrays.fill(centre, 0);
        for (int d = 0; d < centre.length; d++) {
            for (int lane : lanes) {
                centre[d] += distances.points[d * TOKENS + lane] / lanes.length;
            }
        }
        projection().centred(cells, layer, head, centre, column);
    }

    private ValueNorms projection() {
        if (norms == null) {
            throw new IllegalStateException("the cache has no output projection");
        }
        return norms;
    }
}
