package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.BitSet;

/** The scored cells of one KV head: a stretch of the columns, from {@link #first}. */
final class HeadScores {
    private final ScoreColumns columns;
    private final BitSet protectedCells = new BitSet();
    private Ties ties = Ties.EARLY;
    private int first;
    private int cells;

    /** Of no cells. */
    HeadScores(ScoreColumns columns) {
        this.columns = columns;
    }

    /**
     * Begins a pass.
     *
     * @param cells cells held
     * @param first where its stretch begins
     */
    void begin(int cells, int first, Ties ties) {
        this.cells = cells;
        this.first = first;
        this.ties = ties;
        protectedCells.clear();
    }

    /**
     * Scores the head, and copies what the selection asks for.
     *
     * @param spans positions that stay, besides sinks and the recent window
     * @param end tokens seen so far
     */
    void observe(HeadObservation head, KvPolicy policy, BitSet spans, int end) {
        protect(head, policy, spans, end);
        if (columns.claimer != null) {
            combine(columns.claimer, head, columns.claims);
        }
        combine(policy.scorer(), head, columns.group);
        if (columns.norm != null) {
            for (int g = 0; g < head.group(); g++) {
                System.arraycopy(head.scores()[g], 0, columns.scores[g], first, cells);
                copyNorms(head, columns.norm, g);
            }
        }
        if (columns.attends) {
            GroupAggregation.SUM.combine(head.windowMeans(), cells, columns.attention, first);
        }
    }

    private void protect(HeadObservation head, KvPolicy policy, BitSet spans, int end) {
        for (int i = 0; i < cells; i++) {
            int position = head.positions()[i];
            if (position < policy.sinks() || position >= end - policy.window() || spans.get(position)) {
                protectedCells.set(i);
            }
        }
    }

    private void combine(Scorer scorer, HeadObservation head, float[] column) {
        scorer.score(head, head.scores());
        scorer.aggregation().combine(head.scores(), cells, column, first);
    }

    private void copyNorms(HeadObservation head, Statistic norm, int g) {
        if (norm == Statistic.VALUE_LENGTH) {
            for (int i = 0; i < cells; i++) {
                columns.valueNorms[g][first + i] = (float) Math.sqrt(head.squares()[g][i]);
            }
        } else {
            float[] norms = norm == Statistic.VALUE_NORM ? head.valueNorms()[g] : head.centredNorms()[g];
            System.arraycopy(norms, 0, columns.valueNorms[g], first, cells);
        }
    }

    /** Cells held. */
    int cells() {
        return cells;
    }

    /** Index of the first cell in the columns. */
    int first() {
        return first;
    }

    /** Which of two cells with equal scores stays. */
    Ties ties() {
        return ties;
    }

    /** Cells that stay whatever they score, from 0. */
    BitSet protectedCells() {
        return protectedCells;
    }

    /** float[group][], of the query heads, where the selection asks for norms. */
    float[][] scores() {
        return columns.scores;
    }

    /** float[group][], of the norm that the selection asks for. */
    float[][] valueNorms() {
        return columns.valueNorms;
    }

    /** The scores of the group's heads combined. */
    float[] group() {
        return columns.group;
    }

    /** By what heads and layers compete. */
    float[] claims() {
        return columns.claims;
    }

    /** The window's mean attention summed over the group, where the selection asks. */
    float[] attention() {
        return columns.attention;
    }

    /** For whoever computes something of this head, zeroed, where the selection asks for norms. */
    float[] spare() {
        Arrays.fill(columns.spare, first, first + cells, 0);
        return columns.spare;
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
        columns.ranking.clear(cells, ties);
        for (int i = without.nextClearBit(0); i < cells; i = without.nextClearBit(i + 1)) {
            columns.ranking.add(by[first + i], i);
        }
        return columns.ranking;
    }

    /** Adds what the cells that may go claim to a ranking of others, each by this index. */
    void claim(Ranking all, int index) {
        for (int i = protectedCells.nextClearBit(0); i < cells; i = protectedCells.nextClearBit(i + 1)) {
            all.add(columns.claims[first + i], index);
        }
    }
}
