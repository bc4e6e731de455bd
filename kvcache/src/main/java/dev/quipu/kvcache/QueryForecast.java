package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;

import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * The queries that may come: those remembered, turned to the positions that come next. A share of the weight belongs to the
 * sample of all before the window, the rest in equal parts to the window and to the queries before it up to 64; each of the
 * three is spread over {@code horizon} positions. In panels of 32, all of one query head at a time. One for each worker.
 */
final class QueryForecast {
    private static final int PANELS = RememberedQueries.PANELS;

    /** Neighbours go to positions far apart: an odd step. */
    private static final int STEP = 13;

    private final RotaryPairs rotary;
    private final RememberedQueries past;
    private final MemorySegment turned;
    private final float[] channels;

    /** The row of each query: int[panels][32]. */
    private final int[][] rows = new int[PANELS][TOKENS];

    /** float[panels][32]. */
    private final float[] weights = new float[PANELS * TOKENS];

    /** float[panels][pairs][32]. */
    private final float[][] cosines;

    private final float[][] sines;

    QueryForecast(KvLayout layout, RotaryPairs rotary, RememberedQueries past, SegmentAllocator memory) {
        this.rotary = rotary;
        this.past = past;
        turned = memory.allocate(4L * PANELS * layout.keyDim() * TOKENS, 64);
        channels = new float[layout.keyDim() * TOKENS];
        for (int i = 0; i < PANELS * TOKENS; i++) {
            rows[i / TOKENS][i % TOKENS] = i;
        }
        cosines = new float[PANELS][rotary.pairs() * TOKENS];
        sines = new float[PANELS][rotary.pairs() * TOKENS];
    }

    /**
     * Chooses the queries of a pass.
     *
     * @param recent queries of the window, 1 to 32
     * @param end tokens seen so far
     * @param horizon positions from {@code end} on over which the queries are spread
     * @param sample weight of the sample, 0 to 1
     */
    void prepare(int recent, int end, int horizon, float sample) {
        float[] shares = {(1 - sample) / 2, (1 - sample) / 2, sample};
        int[] counts = new int[shares.length];
        for (int panel = 0; panel < PANELS; panel++) {
            for (int lane = 0; lane < TOKENS; lane++) {
                int part = part(panel, lane, recent, end);
                weights[panel * TOKENS + lane] = part;
                if (part >= 0) {
                    int position = past.position(panel * TOKENS + lane);
                    long step = part == 0
                            ? (long) (position - end + recent) * TOKENS / recent
                            : (part == 1 ? position + 1L : past.ordinal(position)) * STEP % TOKENS;
                    turn(panel, lane, end + (int) (step * horizon / TOKENS) - position);
                    counts[part]++;
                }
            }
        }
        float present = 0;
        for (int part = 0; part < shares.length; part++) {
            present += counts[part] == 0 ? 0 : shares[part];
        }
        for (int i = 0; i < weights.length; i++) {
            int part = (int) weights[i];
            weights[i] = part < 0 ? 0 : shares[part] / present / counts[part];
        }
    }

    /** Which part a query belongs to: 0 the window, 1 those before it, 2 the sample; negative for none. */
    private int part(int panel, int lane, int recent, int end) {
        int position = past.position(panel * TOKENS + lane);
        boolean sampled = panel * TOKENS >= RememberedQueries.RECENT;
        if (position < 0 || sampled && position >= end - recent) {
            return -1;
        }
        return sampled ? 2 : position >= end - recent ? 0 : 1;
    }

    private void turn(int panel, int lane, int move) {
        for (int pair = 0; pair < rotary.pairs(); pair++) {
            double angle = move * rotary.frequency()[pair];
            cosines[panel][pair * TOKENS + lane] = (float) Math.cos(angle);
            sines[panel][pair * TOKENS + lane] = (float) Math.sin(angle);
        }
    }

    /** Weight of each query, 0 where there is none: float[panels][32], of sum 1. */
    float[] weights() {
        return weights;
    }

    /** A query head's queries, turned: float[panels][keyDim][32], valid until the next call. */
    MemorySegment queries(int layer, int head) {
        for (int panel = 0; panel < PANELS; panel++) {
            past.load(rows[panel], layer, head, channels);
            for (int pair = 0; pair < rotary.pairs(); pair++) {
                turn(TOKENS * rotary.first(pair), TOKENS * rotary.second(pair), pair * TOKENS, panel);
            }
            MemorySegment.copy(channels, 0, turned, RowCodec.FLOAT, 4L * channels.length * panel, channels.length);
        }
        return turned;
    }

    private void turn(int first, int second, int angles, int panel) {
        float[] cos = cosines[panel];
        float[] sin = sines[panel];
        for (int lane = 0; lane < TOKENS; lane++) {
            float x = channels[first + lane];
            float y = channels[second + lane];
            channels[first + lane] = x * cos[angles + lane] - y * sin[angles + lane];
            channels[second + lane] = x * sin[angles + lane] + y * cos[angles + lane];
        }
    }
}
