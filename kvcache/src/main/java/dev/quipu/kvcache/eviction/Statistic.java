package dev.quipu.kvcache.eviction;

import java.util.Set;

/** What a scorer or selection asks the cache to know about cells. */
public enum Statistic {
    /** Attention of each query of the observation window. */
    WINDOW_ATTENTION,
    /** Mean attention of the queries of the observation window, per query head. */
    WINDOW_MEAN,
    /** {@code u = || v W_O ||_1} per query head, kept beside the cell. */
    VALUE_NORM,
    /** {@code || v W_O ||_2} per query head. */
    VALUE_LENGTH,
    /** {@code || (v - c) W_O ||_1} per query head, c the mean of the window queries' attention outputs. */
    CENTRED_NORM,
    /** {@code || (v - y_j) W_O ||_2} per query head and window query j, y_j that query's attention output. */
    OUTPUT_DISTANCE,
    /** Mean of that distance, and of that query's attention times it, over the window's queries j. */
    OUTPUT_ERROR,
    /** {@code a || (v - y) W_O ||_2} per query head, a and y of the queries that may come; see {@link Foresight}. */
    FORESEEN_ERROR,
    /** The largest attention of any query that may come, per query head; see {@link Foresight}. */
    FORESEEN_PEAK,
    /** Cosine of each key and the mean direction of all keys. */
    KEY_COSINE,
    /** Attention received so far, of all queries; gathered while attending. */
    ACCUMULATED_ATTENTION,
    /** Position of the last query t that gave the cell at least 1 / t of its attention; gathered while attending. */
    LAST_IMPORTANT;

    /** Whether any of these needs the attention of the window's queries. */
    public static boolean window(Set<Statistic> statistics) {
        return statistics.contains(WINDOW_ATTENTION)
                || statistics.contains(WINDOW_MEAN)
                || statistics.contains(OUTPUT_DISTANCE)
                || statistics.contains(OUTPUT_ERROR)
                || statistics.contains(CENTRED_NORM);
    }

    /** Whether any of these needs {@code || v W_O ||_2}. */
    public static boolean lengths(Set<Statistic> statistics) {
        return statistics.contains(VALUE_LENGTH)
                || statistics.contains(OUTPUT_DISTANCE)
                || statistics.contains(OUTPUT_ERROR)
                || statistics.contains(FORESEEN_ERROR);
    }

    /** Whether any of these needs the attention of queries that may come. */
    public static boolean forecast(Set<Statistic> statistics) {
        return statistics.contains(FORESEEN_ERROR) || statistics.contains(FORESEEN_PEAK);
    }

    /** Whether any of these takes much more than the mean attention of the window. */
    public static boolean dear(Set<Statistic> statistics) {
        return forecast(statistics)
                || statistics.contains(WINDOW_ATTENTION)
                || statistics.contains(OUTPUT_DISTANCE)
                || statistics.contains(OUTPUT_ERROR)
                || statistics.contains(CENTRED_NORM);
    }
}
