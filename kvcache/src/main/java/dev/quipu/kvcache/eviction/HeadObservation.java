package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * What is known about the cells of one KV head when eviction looks at them. It belongs to the observer, as its arrays do: it is
 * valid until that looks at the next head. Arrays may be longer than stated; those that were not asked for are empty.
 */
public final class HeadObservation {
    /** Queries of a panel. */
    public static final int LANES = 32;

    /** Cells that pooling may want beyond those there are. */
    private static final int POOLED = 64;

    private int layer;
    private int kvHead;
    private int cells;
    private int recent;
    private int[] lanes = new int[0];
    private final int[] positions;
    private final float[][] attention;
    private final float[][] windowMeans;
    private final float[][] valueNorms;
    private final float[][] squares;
    private final float[][] centredNorms;
    private final float[][] distances;
    private final float[][] meanDistances;
    private final float[][] outputErrors;
    private final float[][] foreseenErrors;
    private final float[][] foreseenPeaks;
    private final float[] keyCosines;
    private final float[] accumulated;
    private final float[] lastImportant;
    private final float[][] scores;
    private final float[] row;
    private final float[] spare;

    /**
     * Of no head yet.
     *
     * @param group query heads that share a KV head
     * @param room most cells of a head
     * @param known what may be asked for
     */
    public HeadObservation(int group, int room, Set<Statistic> known) {
        positions = new int[room];
        attention = rows(group, room * LANES, known, Statistic.WINDOW_ATTENTION);
        windowMeans = rows(group, room, known, Statistic.WINDOW_MEAN);
        valueNorms = rows(group, room, known, Statistic.VALUE_NORM);
        squares = new float[group][Statistic.lengths(known) ? room : 0];
        centredNorms = rows(group, room, known, Statistic.CENTRED_NORM);
        distances = rows(group, room * LANES, known, Statistic.OUTPUT_DISTANCE);
        meanDistances = rows(group, room, known, Statistic.OUTPUT_ERROR);
        outputErrors = rows(group, room, known, Statistic.OUTPUT_ERROR);
        foreseenErrors = new float[group][Statistic.forecast(known) ? room : 0];
        foreseenPeaks = rows(group, room, known, Statistic.FORESEEN_PEAK);
        keyCosines = row(room, known, Statistic.KEY_COSINE);
        accumulated = row(room, known, Statistic.ACCUMULATED_ATTENTION);
        lastImportant = row(room, known, Statistic.LAST_IMPORTANT);
        scores = new float[group][room];
        row = new float[room];
        spare = new float[room + POOLED];
    }

    private static float[][] rows(int group, int room, Set<Statistic> known, Statistic statistic) {
        return new float[group][known.contains(statistic) ? room : 0];
    }

    private static float[] row(int room, Set<Statistic> known, Statistic statistic) {
        return new float[known.contains(statistic) ? room : 0];
    }

    /**
     * Is of this head from now on; the observer fills the arrays.
     *
     * @param cells cells held
     * @param recent cells at the end that the recent window protects; pooling stops before them
     * @param lanes queries of the observation window, oldest first: indices into the 32 lanes
     */
    public void begin(int layer, int kvHead, int cells, int recent, int[] lanes) {
        this.layer = layer;
        this.kvHead = kvHead;
        this.cells = cells;
        this.recent = recent;
        this.lanes = lanes;
    }

    public int layer() {
        return layer;
    }

    public int kvHead() {
        return kvHead;
    }

    /** Cells held. */
    public int cells() {
        return cells;
    }

    /** Cells that pooling runs over: all but those of the recent window. */
    public int pooled() {
        return cells - recent;
    }

    /** Most cells that there is room for. */
    public int room() {
        return positions.length;
    }

    /** Query heads that share the KV head. */
    public int group() {
        return scores.length;
    }

    /** Queries of the observation window, oldest first: indices into the 32 lanes. */
    public int[] lanes() {
        return lanes;
    }

    /** int[cells], ascending. */
    public int[] positions() {
        return positions;
    }

    /** float[group][cells * 32]: attention of each window query, by lane; 0 where the query does not see the cell. */
    public float[][] attention() {
        return attention;
    }

    /** float[group][cells]: mean attention of the window's queries. */
    public float[][] windowMeans() {
        return windowMeans;
    }

    /** float[group][cells]: {@code || v W_O ||_1}. */
    public float[][] valueNorms() {
        return valueNorms;
    }

    /** float[group][cells]: {@code || v W_O ||_2^2}. */
    public float[][] squares() {
        return squares;
    }

    /** float[group][cells]: {@code || (v - c) W_O ||_1}, c the mean output of the window's queries. */
    public float[][] centredNorms() {
        return centredNorms;
    }

    /** float[group][cells * 32]: distance of the value from the output of each window query, by lane. */
    public float[][] distances() {
        return distances;
    }

    /** float[group][cells]: the mean of that distance over the window's queries. */
    public float[][] meanDistances() {
        return meanDistances;
    }

    /** float[group][cells]: the mean of attention times distance. */
    public float[][] outputErrors() {
        return outputErrors;
    }

    /** float[group][cells]: what the outputs to come lose. */
    public float[][] foreseenErrors() {
        return foreseenErrors;
    }

    /** float[group][cells]: the largest attention of any query to come. */
    public float[][] foreseenPeaks() {
        return foreseenPeaks;
    }

    /** float[cells]: cosine of the key and the mean direction of all keys. */
    public float[] keyCosines() {
        return keyCosines;
    }

    /** float[cells]: attention received so far, summed over the group. */
    public float[] accumulated() {
        return accumulated;
    }

    /** float[cells]: positions. */
    public float[] lastImportant() {
        return lastImportant;
    }

    /** float[group][cells], for whoever scores. */
    public float[][] scores() {
        return scores;
    }

    /** float[cells], for whoever computes. */
    public float[] row() {
        return row;
    }

    /** At least float[cells], for whoever pools. */
    public float[] spare() {
        return spare;
    }
}
