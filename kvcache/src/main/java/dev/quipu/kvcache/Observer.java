package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.attention.ValueKernel;
import dev.quipu.kvcache.eviction.Foresight;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.Statistic;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one KV head for eviction: recomputes the attention of the remembered queries over its cells as a panel of 32
 * lanes, and what else was asked for. One for each worker; its arrays are reused.
 */
final class Observer {
    private final KvLayout layout;
    private final KvPage page;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final KvTracking tracking;
    private Set<Statistic> wanted;
    private final @Nullable QueryWindow window;
    private final @Nullable QueryForecast forecast;
    private final @Nullable ValueNorms norms;
    private final int paddedDim;
    private final AttentionScratch scratch;
    private final MemorySegment outputs;
    private final MemorySegment images;
    private final float[] image;
    private final float[] cross = new float[PAGE_CELLS * TOKENS];

    private int[] positions = new int[0];
    private final float[][] attention;
    private final float[][] distances;
    private final float[][] valueNorms;
    private final float[][] centredNorms;
    private final float[][] foreseenErrors;
    private float[] rows = new float[0];
    private float[] far = new float[0];
    private boolean foreseeing;
    private float remembered;
    private float[] keyCosines = new float[0];
    private float[] accumulated = new float[0];
    private float[] lastImportant = new float[0];

    Observer(
            KvLayout layout,
            KvPage page,
            KvStore store,
            AttentionKernels kernels,
            KvTracking tracking,
            @Nullable QueryWindow window,
            RotaryPairs rotary,
            @Nullable ValueNorms norms,
            Arena arena) {
        this.layout = layout;
        this.page = page;
        this.store = store;
        this.kernels = kernels;
        this.tracking = tracking;
        wanted = tracking.statistics();
        this.window = window;
        this.norms = norms;
        QueryHistory history = window == null ? null : window.history();
        forecast = history == null ? null : new QueryForecast(layout, rotary, history, arena);
        paddedDim = ValueKernel.paddedDim(layout.valueDim());
        scratch = new AttentionScratch(layout, arena);
        outputs = arena.allocate(4L * paddedDim * TOKENS, 64);
        images = arena.allocate(4L * paddedDim * TOKENS, 64);
        image = new float[paddedDim * TOKENS];
        attention = new float[layout.group()][0];
        distances = new float[layout.group()][0];
        valueNorms = new float[layout.group()][0];
        centredNorms = new float[layout.group()][0];
        foreseenErrors = new float[layout.group()][0];
    }

    /** Only this is observed from now on. */
    void want(Set<Statistic> statistics) {
        wanted = statistics;
    }

    /** Heads are from now on seen by the queries that may come. */
    void foresee(int recent, int end, Foresight scorer) {
        if (forecast == null) {
            throw new IllegalStateException("the past is not remembered");
        }
        forecast.prepare(recent, end, scorer.horizon(), scorer.sample());
        remembered = scorer.memory() / end / layout.group();
        foreseeing = true;
    }

    /** Heads are from now on not seen by the queries that may come. */
    void overlookFuture() {
        foreseeing = false;
    }

    /**
     * Observes a head.
     *
     * @param windowQueries queries to observe, 1 to 32
     * @param recent cells at the end that pooling leaves out
     * @param end tokens seen so far
     */
    HeadObservation observe(KvCells cells, int layer, int kvHead, int windowQueries, int recent, int end) {
        int count = cells.count();
        grow(count);
        loadPositions(cells, count);
        int[] lanes = window == null ? new int[0] : window.lanes(windowQueries, end);
        if (norms != null) {
            norms.update(cells, layer, kvHead);
        }
        if (window != null && lanes.length == 0) {
            throw new IllegalStateException("no query is remembered: evict after a token was evaluated");
        }
        if (window != null && KvTracking.windowAttention(wanted)) {
            for (int g = 0; g < layout.group(); g++) {
                int head = kvHead * layout.group() + g;
                attend(cells, count, window.memory(), window.offset(layer, head), window::position, attention[g]);
                if (wanted.contains(Statistic.OUTPUT_DISTANCE)) {
                    distances(cells, count, layer, kvHead, g, attention[g], distances[g]);
                }
                if (wanted.contains(Statistic.CENTRED_NORM)) {
                    centredNorms(cells, count, layer, kvHead, g, lanes);
                }
            }
        }
        if (tracking.has(Statistic.ACCUMULATED_ATTENTION)) {
            loadSide(cells, count, tracking.accumulated(), accumulated);
        }
        if (foreseeing && forecast != null) {
            for (int g = 0; g < layout.group(); g++) {
                foreseenErrors(forecast, cells, count, layer, kvHead, g);
            }
        }
        if (tracking.has(Statistic.VALUE_NORM)) {
            for (int g = 0; g < layout.group(); g++) {
                loadSide(cells, count, tracking.valueNorms() + g, valueNorms[g]);
            }
        }
        if (tracking.has(Statistic.LAST_IMPORTANT)) {
            loadSide(cells, count, tracking.lastImportant(), lastImportant);
        }
        if (wanted.contains(Statistic.KEY_COSINE)) {
            cosines(cells, count);
        }
        return new HeadObservation(
                layer,
                kvHead,
                count,
                Math.min(recent, count),
                positions,
                lanes,
                attention,
                valueNorms,
                centredNorms,
                distances,
                foreseenErrors,
                keyCosines,
                accumulated,
                lastImportant);
    }

    private void grow(int count) {
        if (count <= positions.length) {
            return;
        }
        int room = (count + PAGE_CELLS - 1) / PAGE_CELLS * PAGE_CELLS;
        positions = new int[room];
        for (int g = 0; g < layout.group(); g++) {
            attention[g] = new float[tracking.windowAttention() ? room * TOKENS : 0];
            distances[g] = new float[tracking.has(Statistic.OUTPUT_DISTANCE) ? room * TOKENS : 0];
            valueNorms[g] = new float[tracking.has(Statistic.VALUE_NORM) ? room : 0];
            centredNorms[g] = new float[tracking.has(Statistic.CENTRED_NORM) ? room : 0];
            foreseenErrors[g] = new float[forecast != null ? room : 0];
        }
        rows = new float[forecast != null ? room * TOKENS : 0];
        far = new float[forecast != null ? room * TOKENS : 0];
        keyCosines = new float[tracking.has(Statistic.KEY_COSINE) ? room : 0];
        accumulated = new float[tracking.has(Statistic.ACCUMULATED_ATTENTION) ? room : 0];
        lastImportant = new float[tracking.has(Statistic.LAST_IMPORTANT) ? room : 0];
    }

    private void loadPositions(KvCells cells, int count) {
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int number = cells.page(cell);
            long offset = store.offset(number) + page.position(0);
            int length = Math.min(PAGE_CELLS, count - cell);
            MemorySegment.copy(store.memory(number), RowCodec.INT, offset, positions, cell, length);
        }
    }

    private void loadSide(KvCells cells, int count, int index, float[] target) {
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int number = cells.page(cell);
            long offset = store.offset(number) + page.sideFloat(index, 0);
            int length = Math.min(PAGE_CELLS, count - cell);
            MemorySegment.copy(store.memory(number), RowCodec.FLOAT, offset, target, cell, length);
        }
    }

    /**
     * rows[cells][32] = attention of a panel of queries; lanes without a query become 0.
     *
     * @param positions position of each lane's query, negative without one; younger cells are not seen
     */
    private void attend(
            KvCells cells, int count, MemorySegment queries, long offset, IntUnaryOperator positions, float[] rows) {
        Arrays.fill(rows, 0, count * TOKENS, 0);
        Arrays.fill(scratch.max, 0, TOKENS, Float.NEGATIVE_INFINITY);
        Arrays.fill(scratch.total, 0, TOKENS, 0);
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, count - cell);
            score(cells.page(cell), length, queries, offset, positions, rows, cell);
            System.arraycopy(rows, cell * TOKENS, scratch.panelScores, 0, length * TOKENS);
            kernels.softmax()
                    .panel(
                            scratch.panelScores,
                            length,
                            layout.scale(),
                            scratch.panelWeights,
                            0,
                            scratch.max,
                            scratch.total,
                            scratch.correction,
                            0);
        }
        kernels.softmax().normalise(rows, 0, count, layout.scale(), scratch.max, scratch.total, 0);
        for (int lane = 0; lane < TOKENS; lane++) {
            if (positions.applyAsInt(lane) < 0) {
                for (int c = 0; c < count; c++) {
                    rows[c * TOKENS + lane] = 0;
                }
            }
        }
    }

    /** Scores of one page, minus infinity where a cell is younger than the query. */
    private void score(
            int number,
            int length,
            MemorySegment queries,
            long offset,
            IntUnaryOperator queryPositions,
            float[] rows,
            int cell) {
        kernels.keys().unpack(store.memory(number), store.offset(number), length, layout.keyDim(), scratch.keyTile);
        Arrays.fill(scratch.panelScores, 0);
        kernels.panels()
                .multiply(
                        scratch.keyTile,
                        0,
                        1,
                        PAGE_CELLS,
                        length + 7 & -8,
                        layout.keyDim(),
                        queries,
                        offset,
                        scratch.panelScores,
                        0);
        System.arraycopy(scratch.panelScores, 0, rows, cell * TOKENS, length * TOKENS);
        for (int lane = 0; lane < TOKENS; lane++) {
            int query = queryPositions.applyAsInt(lane);
            for (int c = length - 1; c >= 0 && query >= 0 && positions[cell + c] > query; c--) {
                rows[(cell + c) * TOKENS + lane] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /**
     * {@code errors[cell] = sum over queries j that may come of w_j A_ji || (v_i - y_j) W_O ||_2}. They see all cells.
     */
    private void foreseenErrors(QueryForecast forecast, KvCells cells, int count, int layer, int kvHead, int g) {
        float[] errors = foreseenErrors[g];
        Arrays.fill(errors, 0, count, 0);
        for (int panel = 0; panel < QueryHistory.PANELS; panel++) {
            if (forecast.isEmpty(panel)) {
                continue;
            }
            float[] weights = forecast.weights(panel);
            MemorySegment queries = forecast.queries(panel, layer, kvHead * layout.group() + g);
            attend(cells, count, queries, 0, lane -> weights[lane] > 0 ? Integer.MAX_VALUE : -1, rows);
            distances(cells, count, layer, kvHead, g, rows, far);
            for (int cell = 0; cell < count; cell++) {
                errors[cell] += weighted(cell * TOKENS, weights);
            }
        }
        if (remembered > 0) {
            loadSide(cells, count, tracking.squares() + g, far);
            for (int cell = 0; cell < count; cell++) {
                errors[cell] += remembered * accumulated[cell] * (float) Math.sqrt(far[cell]);
            }
        }
    }

    /** Sum over lanes of weight, attention and distance, in four parts. */
    private float weighted(int at, float[] weights) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int lane = 0; lane < TOKENS; lane += 4) {
            a += weights[lane] * rows[at + lane] * far[at + lane];
            b += weights[lane + 1] * rows[at + lane + 1] * far[at + lane + 1];
            c += weights[lane + 2] * rows[at + lane + 2] * far[at + lane + 2];
            d += weights[lane + 3] * rows[at + lane + 3] * far[at + lane + 3];
        }
        return (a + b) + (c + d);
    }

    /**
     * {@code || (v_i - y_j) W_O ||_2} from {@code M = W_O W_O^T}: {@code v M v + y M y - 2 v M y}. The outputs y and their
     * images M y are panels.
     */
    private void distances(KvCells cells, int count, int layer, int kvHead, int g, float[] weights, float[] target) {
        if (norms == null) {
            throw new IllegalStateException("the cache has no output projection");
        }
        output(cells, count, weights);
        MemorySegment.copy(scratch.sums, 0, outputs, RowCodec.FLOAT, 0, paddedDim * TOKENS);
        Arrays.fill(image, 0);
        float[] gram = norms.gram(layer, kvHead * layout.group() + g);
        int rows = layout.valueDim() + 7 & -8;
        kernels.panels().multiply(gram, 0, rows, 1, rows, layout.valueDim(), outputs, 0, image, 0);
        MemorySegment.copy(image, 0, images, RowCodec.FLOAT, 0, paddedDim * TOKENS);
        float[] own = new float[TOKENS];
        for (int i = 0; i < layout.valueDim() * TOKENS; i++) {
            own[i % TOKENS] += scratch.sums[i] * image[i];
        }
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, count - cell);
            int number = cells.page(cell);
            unpackValues(number, length);
            Arrays.fill(cross, 0);
            kernels.panels()
                    .multiply(
                            scratch.valueTile,
                            0,
                            paddedDim,
                            1,
                            length + 7 & -8,
                            layout.valueDim(),
                            images,
                            0,
                            cross,
                            0);
            for (int c = 0; c < length; c++) {
                float square = store.memory(number)
                        .get(RowCodec.FLOAT, store.offset(number) + page.sideFloat(tracking.squares() + g, c));
                for (int lane = 0; lane < TOKENS; lane++) {
                    int at = c * TOKENS + lane;
                    float squared = Math.max(0, square + own[lane] - 2 * cross[at]);
                    target[cell * TOKENS + at] = (float) Math.sqrt(squared);
                }
            }
        }
    }

    /** {@code || (v_i - c) W_O ||_1}, c the mean output of these lanes. */
    private void centredNorms(KvCells cells, int count, int layer, int kvHead, int g, int[] lanes) {
        if (norms == null) {
            throw new IllegalStateException("the cache has no output projection");
        }
        output(cells, count, attention[g]);
        float[] centre = new float[layout.valueDim()];
        for (int d = 0; d < centre.length; d++) {
            for (int lane : lanes) {
                centre[d] += scratch.sums[d * TOKENS + lane] / lanes.length;
            }
        }
        norms.centred(cells, layer, kvHead * layout.group() + g, centre, centredNorms[g]);
    }

    /** The attention outputs of the window's queries into scratch.sums: float[paddedDim][32]. */
    private void output(KvCells cells, int count, float[] rows) {
        Arrays.fill(scratch.sums, 0, paddedDim * TOKENS, 0);
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int length = Math.min(PAGE_CELLS, count - cell);
            unpackValues(cells.page(cell), length);
            MemorySegment.copy(rows, cell * TOKENS, scratch.panelWeights, RowCodec.FLOAT, 0, length * TOKENS);
            kernels.panels()
                    .multiply(
                            scratch.valueTile,
                            0,
                            1,
                            paddedDim,
                            layout.valueDim() + 7 & -8,
                            length,
                            scratch.panelWeights,
                            0,
                            scratch.sums,
                            0);
        }
    }

    private void unpackValues(int number, int length) {
        unpackValues(number, length, scratch.valueTile);
    }

    /** The values of a page: float[cells][paddedDim]. */
    void unpackValues(int number, int length, float[] tile) {
        kernels.values()
                .unpack(store.memory(number), store.offset(number) + page.values(), length, layout.valueDim(), tile);
    }

    /** Cosine of each key and the mean of all keys' directions. */
    private void cosines(KvCells cells, int count) {
        double[] mean = new double[layout.keyDim()];
        for (int cell = 0; cell < count; cell++) {
            double norm = keyNorm(cells, count, cell);
            for (int d = 0; d < mean.length; d++) {
                mean[d] += norm == 0 ? 0 : scratch.keyTile[d * PAGE_CELLS + cell % PAGE_CELLS] / norm;
            }
        }
        double length = 0;
        for (double x : mean) {
            length += x * x;
        }
        for (int cell = 0; cell < count; cell++) {
            double norm = keyNorm(cells, count, cell) * Math.sqrt(length);
            double dot = 0;
            for (int d = 0; d < mean.length; d++) {
                dot += mean[d] * scratch.keyTile[d * PAGE_CELLS + cell % PAGE_CELLS];
            }
            keyCosines[cell] = norm == 0 ? 0 : (float) (dot / norm);
        }
    }

    /** Norm of a key; unpacks its page when it is the page's first. */
    private double keyNorm(KvCells cells, int count, int cell) {
        if (cell % PAGE_CELLS == 0) {
            int number = cells.page(cell);
            int length = Math.min(PAGE_CELLS, count - cell);
            kernels.keys().unpack(store.memory(number), store.offset(number), length, layout.keyDim(), scratch.keyTile);
        }
        double sum = 0;
        for (int d = 0; d < layout.keyDim(); d++) {
            double x = scratch.keyTile[d * PAGE_CELLS + cell % PAGE_CELLS];
            sum += x * x;
        }
        return Math.sqrt(sum);
    }
}
