package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;

import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The queries that may come: those remembered, turned to the positions that come next. The recent window and the sample of
 * the whole sequence weigh the same; each is spread over {@code horizon} positions. In panels of 32, one query head at a
 * time. One for each worker.
 */
final class QueryForecast {
    /** Recent queries, then the sample. */
    static final int PANELS = 1 + QuerySample.PANELS;

    /** Neighbours in the sample go to positions far apart: an odd step. */
    private static final int STEP = 13;

    private final RotaryPairs rotary;
    private final QueryWindow window;
    private final QuerySample sample;
    private final MemorySegment turned;
    private final float[][] weights = new float[PANELS][TOKENS];

    /** float[panels][pairs][32]. */
    private final float[][] cosines;

    private final float[][] sines;

    QueryForecast(KvLayout layout, RotaryPairs rotary, QueryWindow window, QuerySample sample, Arena arena) {
        this.rotary = rotary;
        this.window = window;
        this.sample = sample;
        turned = arena.allocate(4L * layout.keyDim() * TOKENS, 64);
        cosines = new float[PANELS][rotary.pairs() * TOKENS];
        sines = new float[PANELS][rotary.pairs() * TOKENS];
    }

    /**
     * Chooses the queries of a pass.
     *
     * @param recent queries of the window, 1 to 32
     * @param end tokens seen so far
     * @param horizon positions from {@code end} on over which the queries are spread
     */
    void prepare(int recent, int end, int horizon) {
        for (float[] weight : weights) {
            Arrays.fill(weight, 0);
        }
        int[] lanes = window.lanes(recent, end);
        for (int i = 0; i < lanes.length; i++) {
            place(0, lanes[i], end + (int) ((long) i * horizon / lanes.length) - window.position(lanes[i]));
        }
        int sampled = 0;
        for (int panel = 1; panel < PANELS; panel++) {
            for (int lane = 0; lane < TOKENS; lane++) {
                int position = sample.position(panel - 1, lane);
                if (position >= 0 && position < end - recent) {
                    int step = sample.ordinal(position) * STEP % TOKENS;
                    place(panel, lane, end + (int) ((long) step * horizon / TOKENS) - position);
                    sampled++;
                }
            }
        }
        for (int panel = 0; panel < PANELS; panel++) {
            int others = panel == 0 ? sampled : lanes.length;
            float weight = (others == 0 ? 1f : 0.5f) / Math.max(1, panel == 0 ? lanes.length : sampled);
            for (int lane = 0; lane < TOKENS; lane++) {
                weights[panel][lane] *= weight;
            }
        }
    }

    private void place(int panel, int lane, int move) {
        weights[panel][lane] = 1;
        for (int pair = 0; pair < rotary.pairs(); pair++) {
            double angle = move * rotary.frequency()[pair];
            cosines[panel][pair * TOKENS + lane] = (float) Math.cos(angle);
            sines[panel][pair * TOKENS + lane] = (float) Math.sin(angle);
        }
    }

    /** Weight of each lane, 0 where there is no query; all panels sum to 1. */
    float[] weights(int panel) {
        return weights[panel];
    }

    /** Whether a panel holds no query. */
    boolean isEmpty(int panel) {
        for (float weight : weights[panel]) {
            if (weight > 0) {
                return false;
            }
        }
        return true;
    }

    /** A query head's panel, turned: float[keyDim][32], valid until the next call. */
    MemorySegment queries(int panel, int layer, int head) {
        MemorySegment source = panel == 0 ? window.memory() : sample.memory();
        long offset = panel == 0 ? window.offset(layer, head) : sample.offset(panel - 1, layer, head);
        MemorySegment.copy(source, offset, turned, 0, turned.byteSize());
        for (int pair = 0; pair < rotary.pairs(); pair++) {
            turn(4L * TOKENS * rotary.first(pair), 4L * TOKENS * rotary.second(pair), pair * TOKENS, panel);
        }
        return turned;
    }

    private void turn(long first, long second, int angles, int panel) {
        for (int lane = 0; lane < TOKENS; lane++) {
            float cos = cosines[panel][angles + lane];
            float sin = sines[panel][angles + lane];
            float x = turned.get(RowCodec.FLOAT, first + 4L * lane);
            float y = turned.get(RowCodec.FLOAT, second + 4L * lane);
            turned.set(RowCodec.FLOAT, first + 4L * lane, x * cos - y * sin);
            turned.set(RowCodec.FLOAT, second + 4L * lane, x * sin + y * cos);
        }
    }
}
