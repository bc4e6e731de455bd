package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/**
 * The scored cells of one KV head, which stay valid while all heads are compared. Arrays may be longer than stated: they are
 * used again in the next pass.
 */
public final class HeadScores {
    private static final float[] NONE = new float[0];

    private Ties ties = Ties.EARLY;
    private int cells;
    private BitSet protectedCells = new BitSet();
    private float[][] scores = new float[0][];
    private float[][] valueNorms = new float[0][];
    private float[] group = NONE;
    private float[] attention = NONE;
    private float[] claims = NONE;
    private float[] spare = NONE;
    private final Ranking ranking;

    /** Of no cells, until {@link #observe}. */
    public HeadScores() {
        ranking = new Ranking();
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

    /** Scores a head, and copies what the selection asks for. */
    public void observe(HeadObservation head, KvPolicy policy, BitSet protectedOnes) {
        ties = policy.ties();
        cells = head.cells();
        protectedCells = protectedOnes;
        Set<Statistic> needs = policy.selection().needs();
        scores = room(scores, head.group(), true);
        policy.claims().scorer().ifPresent(claiming -> {
            claiming.score(head, scores);
            claims = room(claims);
            claiming.aggregation().combine(scores, cells, claims);
        });
        policy.scorer().score(head, scores);
        group = room(group);
        policy.scorer().aggregation().combine(scores, cells, group);
        boolean norms = needs.contains(Statistic.VALUE_NORM)
                || needs.contains(Statistic.VALUE_LENGTH)
                || needs.contains(Statistic.CENTRED_NORM);
        valueNorms = room(valueNorms, head.group(), norms);
        for (int g = 0; norms && g < valueNorms.length; g++) {
            copyNorms(head, needs, g);
        }
        if (needs.contains(Statistic.WINDOW_MEAN)) {
            attention = room(attention);
            GroupAggregation.SUM.combine(head.windowMeans(), cells, attention);
        }
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

    /** Cells come a few at a time while generating: some more than are needed now. */
    private float[] room(float[] array) {
        return array.length >= cells ? array : new float[cells + cells / 8 + 64];
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

    /** float[group][cells]. */
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

    /** float[cells], by which heads and layers compete, where the policy has other scores for that. */
    float[] claims() {
        return claims;
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

    /** The cells that may go, ranked by these scores; valid until it is asked for again. */
    Ranking ranking(float[] by) {
        return ranking(by, protectedCells);
    }

    /** The cells that are not set, ranked by these scores; valid until it is asked for again. */
    Ranking ranking(float[] by, BitSet without) {
        ranking.clear(cells, ties);
        for (int i = without.nextClearBit(0); i < cells; i = without.nextClearBit(i + 1)) {
            ranking.add(by[i], i);
        }
        return ranking;
    }

    /** This head by other scores, with the same room to rank in. */
    HeadScores rankedBy(float[] other) {
        return new HeadScores(ties, cells, protectedCells, scores, valueNorms, other, attention, ranking);
    }
}
