package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;

import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.Statistic;

/** The arrays behind a {@link HeadObservation}, with room for so many cells; empty where nobody will ask. */
final class ObservedColumns {
    final int[] positions;
    final float[][] attention;
    final float[][] windowMeans;
    final float[][] valueNorms;
    final float[][] squares;
    final float[][] centredNorms;
    final float[][] distances;
    final float[][] meanDistances;
    final float[][] outputErrors;
    final float[][] foreseenErrors;
    final float[][] foreseenPeaks;
    final float[] keyCosines;
    final float[] accumulated;
    final float[] lastImportant;
    private final float[][] scores;
    private final float[] spare;

    ObservedColumns(int group, int room, KvTracking tracking) {
        positions = new int[room];
        attention = new float[group][tracking.has(Statistic.WINDOW_ATTENTION) ? room * TOKENS : 0];
        windowMeans = new float[group][tracking.has(Statistic.WINDOW_MEAN) ? room : 0];
        valueNorms = new float[group][tracking.has(Statistic.VALUE_NORM) ? room : 0];
        squares = new float[group][tracking.squared() ? room : 0];
        centredNorms = new float[group][tracking.has(Statistic.CENTRED_NORM) ? room : 0];
        distances = new float[group][tracking.has(Statistic.OUTPUT_DISTANCE) ? room * TOKENS : 0];
        meanDistances = new float[group][tracking.has(Statistic.OUTPUT_ERROR) ? room : 0];
        outputErrors = new float[group][tracking.has(Statistic.OUTPUT_ERROR) ? room : 0];
        foreseenErrors = new float[group][tracking.history() ? room : 0];
        foreseenPeaks = new float[group][tracking.has(Statistic.FORESEEN_PEAK) ? room : 0];
        keyCosines = new float[tracking.has(Statistic.KEY_COSINE) ? room : 0];
        accumulated = new float[tracking.has(Statistic.ACCUMULATED_ATTENTION) ? room : 0];
        lastImportant = new float[tracking.has(Statistic.LAST_IMPORTANT) ? room : 0];
        scores = new float[group][room];
        // Pooling wants some more than there are cells.
        spare = new float[room + 64];
    }

    HeadObservation of(int layer, int kvHead, int cells, int recent, int[] lanes) {
        return new HeadObservation(
                layer,
                kvHead,
                cells,
                recent,
                positions,
                lanes,
                attention,
                windowMeans,
                valueNorms,
                squares,
                centredNorms,
                distances,
                meanDistances,
                outputErrors,
                foreseenErrors,
                foreseenPeaks,
                keyCosines,
                accumulated,
                lastImportant,
                scores,
                spare);
    }
}
