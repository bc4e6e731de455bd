package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.eviction.Foresight;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at one KV head for eviction: what was asked for about its cells. One for each worker; its arrays are reused. */
final class Observer {
    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final KvTracking tracking;
    private final @Nullable QueryWindow window;
    private final @Nullable QueryForecast forecast;
    private final @Nullable ValueNorms norms;
    private final @Nullable ForeseenAttention foreseen;
    private final @Nullable ForeseenErrors foreseenErrors;
    private final float[][] nobody;
    private final PanelAttention attention;
    private final OutputDistances distances;
    private final KeyDirections directions;
    private final int[] seenFrom = new int[TOKENS];
    private final float[] weights = new float[TOKENS];
    private final float[] centre;
    private Set<Statistic> wanted;
    private int[] lanes = new int[0];
    private int room;
    private ObservedColumns columns;

    Observer(
            KvLayout layout,
            KvStore store,
            AttentionKernels kernels,
            KvTracking tracking,
            @Nullable QueryWindow window,
            RotaryPairs rotary,
            @Nullable ValueNorms norms,
            SegmentAllocator memory) {
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        this.tracking = tracking;
        this.window = window;
        this.norms = norms;
        wanted = tracking.statistics();
        AttentionScratch scratch = new AttentionScratch(layout, memory);
        attention = new PanelAttention(layout, store, kernels, scratch);
        distances = new OutputDistances(layout, store, kernels, scratch, memory);
        directions = new KeyDirections(layout, store, kernels, scratch);
        QueryHistory history = window == null ? null : window.history();
        forecast = history == null ? null : new QueryForecast(layout, rotary, history, memory);
        foreseen = forecast == null ? null : new ForeseenAttention(layout, store, kernels, forecast, scratch);
        foreseenErrors = foreseen == null || norms == null
                ? null
                : new ForeseenErrors(layout, store, kernels, foreseen, distances, norms);
        nobody = new float[layout.group()][0];
        columns = new ObservedColumns(layout.group(), 0, tracking);
        centre = new float[layout.valueDim()];
    }

    /**
     * Only this is observed from now on, seen from here.
     *
     * @param recent queries of the window, 1 to 32
     * @param end tokens seen so far
     * @param foresight which queries may come
     */
    void prepare(Set<Statistic> statistics, int recent, int end, Foresight foresight) {
        wanted = statistics;
        lanes = window == null ? lanes : window.lanes(recent, end);
        if (wanted.contains(Statistic.FORESEEN_ERROR) || wanted.contains(Statistic.FORESEEN_PEAK)) {
            if (forecast == null) {
                throw new IllegalStateException("the past is not remembered");
            }
            forecast.prepare(recent, end, foresight.horizon(), foresight.sample());
        }
    }

    /**
     * Observes a head.
     *
     * @param recent cells at the end that pooling leaves out
     * @param end tokens seen so far
     */
    HeadObservation observe(KvCells cells, int layer, int kvHead, int recent, int end) {
        int count = cells.count();
        if (count > room) {
            room = (count + count / 8) / PAGE_CELLS * PAGE_CELLS + PAGE_CELLS;
            columns = new ObservedColumns(layout.group(), room, tracking);
        }
        loadPositions(cells, count);
        if (norms != null && tracking.has(Statistic.VALUE_NORM)) {
            norms.update(cells, layer, kvHead);
        }
        if (norms != null && KvTracking.squared(wanted)) {
            norms.squares(cells, layer, kvHead, columns.squares);
        }
        if (window != null && lanes.length == 0) {
            throw new IllegalStateException("no query is remembered: evict after a token was evaluated");
        }
        if (window != null && KvTracking.windowAttention(wanted)) {
            observeWindow(window, cells, layer, kvHead);
        }
        foresee(cells, layer, kvHead);
        if (tracking.has(Statistic.VALUE_NORM)) {
            loadSides(cells, tracking.valueNorms(), columns.valueNorms);
        }
        if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
            loadSide(cells, tracking.accumulated(), columns.accumulated);
        }
        if (tracking.has(Statistic.LAST_IMPORTANT)) {
            loadSide(cells, tracking.lastImportant(), columns.lastImportant);
        }
        if (wanted.contains(Statistic.KEY_COSINE)) {
            directions.cosines(cells, columns.keyCosines);
        }
        return columns.of(layer, kvHead, count, Math.min(recent, count), lanes);
    }

    private void foresee(KvCells cells, int layer, int kvHead) {
        float[][] peaks = wanted.contains(Statistic.FORESEEN_PEAK) ? columns.foreseenPeaks : nobody;
        if (wanted.contains(Statistic.FORESEEN_ERROR) && foreseenErrors != null) {
            float[][] errors = columns.foreseenErrors;
            foreseenErrors.measure(cells, layer, kvHead, columns.squares, errors, peaks);
        } else if (foreseen != null && peaks != nobody) {
            for (int g = 0; g < layout.group(); g++) {
                foreseen.measure(cells, layer, kvHead * layout.group() + g, columns.foreseenErrors[g], peaks[g]);
            }
        }
    }

    private void loadPositions(KvCells cells, int count) {
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int number = cells.page(cell);
            long offset = store.position(number, 0);
            int length = Math.min(PAGE_CELLS, count - cell);
            MemorySegment.copy(store.memory(number), RowCodec.INT, offset, columns.positions, cell, length);
        }
    }

    /** Side floats of each query head of the group. */
    private void loadSides(KvCells cells, int index, float[][] targets) {
        for (int g = 0; g < targets.length; g++) {
            loadSide(cells, index + g, targets[g]);
        }
    }

    private void loadSide(KvCells cells, int index, float[] target) {
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int number = cells.page(cell);
            long offset = store.sideFloat(number, index, 0);
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            MemorySegment.copy(store.memory(number), RowCodec.FLOAT, offset, target, cell, length);
        }
    }

    /** The attention of the window's queries, and what follows from it. */
    private void observeWindow(QueryWindow window, KvCells cells, int layer, int kvHead) {
        for (int lane = 0; lane < TOKENS; lane++) {
            seenFrom[lane] = Math.max(PanelAttention.NO_QUERY, window.position(lane));
            weights[lane] = 0;
        }
        for (int lane : lanes) {
            weights[lane] = 1f / lanes.length;
        }
        for (int g = 0; g < layout.group(); g++) {
            int head = kvHead * layout.group() + g;
            attention.attend(cells, columns.positions, window.memory(), window.offset(layer, head), seenFrom);
            if (wanted.contains(Statistic.WINDOW_MEAN)) {
                Arrays.fill(columns.windowMeans[g], 0, cells.count(), 0);
                attention.sum(cells, weights, columns.windowMeans[g]);
            }
            if (wanted.contains(Statistic.WINDOW_ATTENTION)) {
                attention.copy(cells, columns.attention[g]);
            }
            if (wanted.contains(Statistic.OUTPUT_ERROR) || wanted.contains(Statistic.OUTPUT_DISTANCE)) {
                measureOutputs(cells, layer, kvHead, g);
            }
            if (wanted.contains(Statistic.CENTRED_NORM)) {
                centredNorms(cells, layer, kvHead, g, lanes);
            }
        }
    }

    /** Distances of the values from the outputs of the window's queries. */
    private void measureOutputs(KvCells cells, int layer, int kvHead, int g) {
        attention.outputs(cells, distances.points);
        distances.project(projection().half(layer, kvHead * layout.group() + g), 0, TOKENS);
        boolean means = wanted.contains(Statistic.OUTPUT_ERROR);
        if (means) {
            Arrays.fill(columns.outputErrors[g], 0, cells.count(), 0);
            Arrays.fill(columns.meanDistances[g], 0, cells.count(), 0);
        }
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, cells.count() - cell);
            distances.multiply(cells.page(cell), length);
            distances.finish(length, columns.squares[g], cell);
            if (means) {
                attention.sumProducts(cell, length, distances.distances, weights, columns.outputErrors[g]);
                kernels.lanes().sum(distances.distances, 0, length, weights, columns.meanDistances[g], cell);
            }
            if (wanted.contains(Statistic.OUTPUT_DISTANCE)) {
                System.arraycopy(distances.distances, 0, columns.distances[g], cell * TOKENS, length * TOKENS);
            }
        }
    }

    /** {@code || (v_i - c) W_O ||_1}, c the mean output of these lanes. */
    private void centredNorms(KvCells cells, int layer, int kvHead, int g, int[] lanes) {
        attention.outputs(cells, distances.points);
        Arrays.fill(centre, 0);
        for (int d = 0; d < centre.length; d++) {
            for (int lane : lanes) {
                centre[d] += distances.points[d * TOKENS + lane] / lanes.length;
            }
        }
        projection().centred(cells, layer, kvHead * layout.group() + g, centre, columns.centredNorms[g]);
    }

    private ValueNorms projection() {
        if (norms == null) {
            throw new IllegalStateException("the cache has no output projection");
        }
        return norms;
    }

    /** The values of a page: float[cells][paddedDim]. */
    void unpackValues(int number, int length, float[] tile) {
        kernels.values().unpack(store.memory(number), store.values(number), length, layout.valueDim(), tile);
    }
}
