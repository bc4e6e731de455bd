package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.Statistic;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a cache keeps beside its cells for eviction, in this order of side floats: {@code || v W_O ||_1} per query head,
 * accumulated attention, last important position; each only if asked for. The last one is the cell's place in the model's
 * context, an int, where places may change.
 */
record KvTracking(int group, Set<Statistic> statistics, boolean places) {
    KvTracking {
        EnumSet<Statistic> copy = EnumSet.noneOf(Statistic.class);
        copy.addAll(statistics);
        statistics = copy;
    }

    boolean has(Statistic statistic) {
        return statistics.contains(statistic);
    }

    /** Whether queries are remembered. */
    boolean window() {
        return Statistic.window(statistics) || history();
    }

    /** Whether more queries than the window are remembered. */
    boolean history() {
        return Statistic.forecast(statistics);
    }

    /** Whether W_O is needed. */
    boolean projection() {
        return has(Statistic.VALUE_NORM) || Statistic.lengths(statistics) || has(Statistic.CENTRED_NORM);
    }

    /** Whether attention itself must take notes. */
    boolean gathers() {
        return has(Statistic.ACCUMULATED_ATTENTION) || has(Statistic.LAST_IMPORTANT);
    }

    int valueNorms() {
        return 0;
    }

    int accumulated() {
        return has(Statistic.VALUE_NORM) ? group : 0;
    }

    int lastImportant() {
        return accumulated() + (has(Statistic.ACCUMULATED_ATTENTION) ? 1 : 0);
    }

    int place() {
        return lastImportant() + (has(Statistic.LAST_IMPORTANT) ? 1 : 0);
    }

    int sideFloats() {
        return place() + (places ? 1 : 0);
    }
}
