package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.eviction.Foresight;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at one KV head for eviction: what was asked for about its cells. One for each worker; its arrays are reused. */
final class Observer {
    private static final int[] NONE = {};

    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final KvTracking tracking;
    private final @Nullable WindowObserver window;
    private final @Nullable QueryForecast forecast;
    private final @Nullable ValueNorms norms;
    private final @Nullable ForeseenAttention foreseen;
    private final @Nullable ForeseenErrors foreseenErrors;
    private final float[][] nobody;
    private final KeyDirections directions;
    private Set<Statistic> wanted;
    private HeadObservation seen;

    Observer(KvModel model, KvStore store, @Nullable RememberedQueries queries, SegmentAllocator memory) {
        this.store = store;
        layout = model.layout();
        kernels = model.kernels();
        tracking = model.tracking();
        norms = model.projection()
                .map(projection -> new ValueNorms(model, store, projection, memory))
                .orElse(null);
        wanted = tracking.statistics();
        AttentionScratch scratch = new AttentionScratch(layout, memory);
        OutputDistances distances = new OutputDistances(layout, store, kernels, scratch, memory);
        directions = new KeyDirections(layout, store, kernels, scratch);
        window = queries == null
                ? null
                : new WindowObserver(layout, store, kernels, queries, norms, distances, scratch, memory);
        forecast = queries == null || !tracking.history()
                ? null
                : new QueryForecast(layout, model.rotary(), queries, memory);
        foreseen = forecast == null ? null : new ForeseenAttention(layout, store, kernels, forecast, scratch);
        foreseenErrors = foreseen == null || norms == null
                ? null
                : new ForeseenErrors(layout, store, kernels, foreseen, distances, norms);
        nobody = new float[layout.group()][0];
        seen = new HeadObservation(layout.group(), 0, tracking.statistics());
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
        if (window != null) {
            window.prepare(recent, end);
        }
        if (Statistic.forecast(wanted)) {
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
        if (count > seen.room()) {
            int room = (count + count / 2) / PAGE_CELLS * PAGE_CELLS + PAGE_CELLS;
            seen = new HeadObservation(layout.group(), room, tracking.statistics());
        }
        seen.begin(layer, kvHead, count, Math.min(recent, count), window == null ? NONE : window.lanes());
        loadPositions(cells, count);
        if (norms != null && tracking.has(Statistic.VALUE_NORM)) {
            norms.update(cells, layer, kvHead);
        }
        if (norms != null && Statistic.lengths(wanted)) {
            norms.squares(cells, layer, kvHead, seen.squares());
        }
        if (window != null && Statistic.window(wanted)) {
            window.observe(cells, wanted, seen);
        }
        foresee(cells, layer, kvHead);
        if (tracking.has(Statistic.VALUE_NORM)) {
            loadSides(cells, tracking.valueNorms(), seen.valueNorms());
        }
        if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
            loadSide(cells, tracking.accumulated(), seen.accumulated());
        }
        if (tracking.has(Statistic.LAST_IMPORTANT)) {
            loadSide(cells, tracking.lastImportant(), seen.lastImportant());
        }
        if (wanted.contains(Statistic.KEY_COSINE)) {
            directions.cosines(cells, seen.keyCosines());
        }
        return seen;
    }

    private void foresee(KvCells cells, int layer, int kvHead) {
        float[][] peaks = wanted.contains(Statistic.FORESEEN_PEAK) ? seen.foreseenPeaks() : nobody;
        if (wanted.contains(Statistic.FORESEEN_ERROR) && foreseenErrors != null) {
            float[][] errors = seen.foreseenErrors();
            foreseenErrors.measure(cells, layer, kvHead, seen.squares(), errors, peaks);
        } else if (foreseen != null && peaks != nobody) {
            for (int g = 0; g < layout.group(); g++) {
                foreseen.measure(cells, layer, kvHead * layout.group() + g, seen.foreseenErrors()[g], peaks[g]);
            }
        }
    }

    private void loadPositions(KvCells cells, int count) {
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int number = cells.page(cell);
            long offset = store.position(number, 0);
            int length = Math.min(PAGE_CELLS, count - cell);
            MemorySegment.copy(store.memory(number), RowCodec.INT, offset, seen.positions(), cell, length);
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

    /** The values of a page: float[cells][paddedDim]. */
    void unpackValues(int number, int length, float[] tile) {
        kernels.values().unpack(store.memory(number), store.values(number), length, layout.valueDim(), tile);
    }
}
