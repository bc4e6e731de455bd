package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;

import java.util.Arrays;

/** The attention that the queries which may come pay to each cell of a head. One for each worker. */
final class ForeseenAttention {
    private final PanelAttention attention;
    private final QueryForecast forecast;
    private final int[] seeAll = new int[TOKENS];

    ForeseenAttention(PanelAttention attention, QueryForecast forecast) {
        this.attention = attention;
        this.forecast = forecast;
        Arrays.fill(seeAll, PanelAttention.NO_QUERY);
    }

    /**
     * Of one query head.
     *
     * @param means receives the weighted mean over queries; empty if nobody asks
     * @param peaks receives the largest of all queries; empty if nobody asks
     */
    void measure(KvCells cells, int[] positions, int layer, int head, float[] means, float[] peaks) {
        Arrays.fill(means, 0);
        Arrays.fill(peaks, 0);
        for (int panel = 0; panel < QueryHistory.PANELS; panel++) {
            if (!forecast.isEmpty(panel)) {
                attention.attend(cells, positions, forecast.queries(panel, layer, head), 0, seeAll);
                if (means.length > 0) {
                    attention.sum(cells, forecast.weights(panel), means);
                }
                if (peaks.length > 0) {
                    attention.peak(cells, forecast.weights(panel), peaks);
                }
            }
        }
    }
}
