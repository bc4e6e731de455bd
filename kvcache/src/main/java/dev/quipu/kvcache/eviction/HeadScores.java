package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The scored cells of one KV head, which stay valid while all heads are compared. Arrays may be longer than stated: they are
 * used again in the next pass.
 */
public final class HeadScores {
    private static final float[] NONE = new float[0];

    private Ties ties = Ties.EARLY;
    private int cells;
    private BitSet protectedCells;
    private float[][] scores = new float[0][];
    private float[][] valueNorms = new float[0][];
    private float[] group = NONE;
    private float[] attention = NONE;
    private float[] claims = NONE;
    private float[] spare = NONE;
    private final Ranking ranking;
    private @Nullable HeadScores claiming;

    /** Of no cells, until {@link #observe}. */
    private HeadScores(Ranking ranking) {
        this.ranking = ranking;
        protectedCells = new BitSet();
    }

    /** HeadScores[layers][heads] of no cells, which rank one after the other and share the room for it. */
    public static HeadScores[][] empty(int layers, int heads) {
        Ranking ranking = new Ranking();
        HeadScores[][] result = new HeadScores[layers][heads];
        for (HeadScores[] layer : result) {
            Arrays.setAll(layer, head -> new HeadScores(ranking));
        }
        return result;
    }

    HeadScores(
            Ties ties,
            int cells,
            BitSet protectedCells,
            float[][] scores,
            float[][] valueNorms,
            float[] group,
            float[] attention,
            Ranking ranking) {
        this.ties = ties;
        this.cells = cells;
        this.protectedCells = protectedCells;
        this.scores = scores;
        this.valueNorms = valueNorms;
        this.group = group;
        this.attention = attention;
        this.ranking = ranking;
    }

    /**
     * Scores a head, and copies what the selection asks for.
     *
     * @param spans positions that stay, besides sinks and the recent window
     * @param end tokens seen so far
     */
    public void observe(HeadObservation head, KvPolicy policy, BitSet spans, int end) {
        ties = policy.ties();
        cells = head.cells();
        protect(head, policy, spans, end);
        Set<Statistic> needs = policy.selection().needs();
        Optional<Scorer> claimer = policy.claims().scorer();
        if (claimer.isPresent()) {
            claims = combined(claimer.get(), head, head.scores(), claims);
        }
        boolean norms = needs.contains(Statistic.VALUE_NORM)
                || needs.contains(Statistic.VALUE_LENGTH)
                || needs.contains(Statistic.CENTRED_NORM);
        scores = room(scores, head.group(), norms);
        group = combined(policy.scorer(), head, norms ? scores : head.scores(), group);
        valueNorms = room(valueNorms, head.group(), norms);
        for (int g = 0; norms && g < valueNorms.length; g++) {
            copyNorms(head, needs, g);
        }
        if (needs.contains(Statistic.WINDOW_MEAN)) {
            attention = room(attention);
            GroupAggregation.SUM.combine(head.windowMeans(), cells, attention);
        }
    }

    private void protect(HeadObservation head, KvPolicy policy, BitSet spans, int end) {
        protectedCells.clear();
        for (int i = 0; i < cells; i++) {
            int position = head.positions()[i];
            if (position < policy.sinks() || position >= end - policy.window() || spans.get(position)) {
                protectedCells.set(i);
            }
        }
    }

    /**
     * The scores of the group: float[cells], in this array or a longer one.
     *
     * @param scores room for those of its heads
     */
    private float[] combined(Scorer scorer, HeadObservation head, float[][] scores, float[] array) {
        scorer.score(head, scores);
        float[] result = room(array);
        scorer.aggregation().combine(scores, cells, result);
        return result;
    }

    private void copyNorms(HeadObservation head, Set<Statistic> needs, int g) {
        if (needs.contains(Statistic.VALUE_LENGTH)) {
            for (int i = 0; i < cells; i++) {
                valueNorms[g][i] = (float) Math.sqrt(head.squares()[g][i]);
            }
        } else {
            float[] norms = needs.contains(Statistic.VALUE_NORM) ? head.valueNorms()[g] : head.centredNorms()[g];
            System.arraycopy(norms, 0, valueNorms[g], 0, cells);
        }
    }

    private float[][] room(float[][] arrays, int count, boolean used) {
        float[][] result = arrays.length == count ? arrays : new float[count][0];
        for (int i = 0; i < count && used; i++) {
            result[i] = room(result[i]);
        }
        return result;
    }

    /** Cells come a few at a time while generating: more than are needed now. */
    private float[] room(float[] array) {
        return array.length >= cells ? array : new float[cells + cells / 2 + 64];
    }

    /** Which of two cells with equal scores stays. */
    Ties ties() {
        return ties;
    }

    /** Cells held. */
    public int cells() {
        return cells;
    }

    /** Cells that stay whatever they score. */
    public BitSet protectedCells() {
        return protectedCells;
    }

    /** float[group][cells], where the selection asks for norms; float[group][0] where it does not. */
    float[][] scores() {
        return scores;
    }

    /** float[group][cells], of the norm that the selection asks for; float[group][0] where it does not. */
    float[][] valueNorms() {
        return valueNorms;
    }

    /** float[cells], the scores of the group's heads combined. */
    float[] group() {
        return group;
    }

    /** float[cells], the window's mean attention summed over the group, where the selection asks. */
    float[] attention() {
        return attention;
    }

    /** float[cells] for whoever computes something of this head, zeroed. */
    float[] spare() {
        spare = room(spare);
        Arrays.fill(spare, 0, cells, 0);
        return spare;
    }

    /** Cells that may go. */
    int evictable() {
        return cells - protectedCells.cardinality();
    }

    /** Cells of several heads. */
    static int cells(HeadScores[] heads) {
        int sum = 0;
        for (HeadScores head : heads) {
            sum += head.cells;
        }
        return sum;
    }

    /** Cells of several heads that may go. */
    static int evictable(HeadScores[] heads) {
        int sum = 0;
        for (HeadScores head : heads) {
            sum += head.evictable();
        }
        return sum;
    }

    /** The cells that may go, ranked by these scores; valid until it is asked for again, of any head. */
    Ranking ranking(float[] by) {
        return ranking(by, protectedCells);
    }

    /** The cells that are not set, ranked by these scores; valid until it is asked for again, of any head. */
    Ranking ranking(float[] by, BitSet without) {
        ranking.clear(cells, ties);
        for (int i = without.nextClearBit(0); i < cells; i = without.nextClearBit(i + 1)) {
            ranking.add(by[i], i);
        }
        return ranking;
    }

    /** This head by what it claims, for which the policy has other scores; valid until the head is observed again. */
    HeadScores claiming() {
        HeadScores view = claiming;
        if (view == null) {
            view = rankedBy(claims);
            claiming = view;
        }
        view.ties = ties;
        view.cells = cells;
        view.group = claims;
        return view;
    }

    /** This head by other scores, with the same room to rank in. */
    HeadScores rankedBy(float[] other) {
        return new HeadScores(ties, cells, protectedCells, scores, valueNorms, other, attention, ranking);
    }
}
