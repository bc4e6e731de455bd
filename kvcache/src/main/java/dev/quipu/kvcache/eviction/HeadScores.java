package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/**
 * The scored cells of one KV head, which stay valid while all heads are compared.
 *
 * @param ties which of two cells with equal scores stays
 * @param cells cells held
 * @param protectedCells cells that stay whatever they score
 * @param scores float[group][cells]
 * @param valueNorms float[group][cells], centred or not as the selection asks, or float[group][0] where it does not
 * @param group float[cells], the scores of the group's heads combined
 * @param attention float[cells], the window's mean attention summed over the group; empty where the selection does not ask
 */
public record HeadScores(
        Ties ties,
        int cells,
        BitSet protectedCells,
        float[][] scores,
        float[][] valueNorms,
        float[] group,
        float[] attention) {

    /** Copies what the scorer wrote and what the selection asks for. */
    public static HeadScores of(HeadObservation head, KvPolicy policy, BitSet protectedCells) {
        Scorer scorer = policy.scorer();
        Set<Statistic> needs = policy.selection().needs();
        float[][] scores = new float[head.group()][head.cells()];
        scorer.score(head, scores);
        float[][] norms = new float[head.group()][0];
        for (int g = 0; g < norms.length; g++) {
            if (needs.contains(Statistic.VALUE_NORM)) {
                norms[g] = Arrays.copyOf(head.valueNorms()[g], head.cells());
            } else if (needs.contains(Statistic.CENTRED_NORM)) {
                norms[g] = Arrays.copyOf(head.centredNorms()[g], head.cells());
            }
        }
        float[] group = scorer.aggregation().combine(scores, head.cells());
        float[] attention = needs.contains(Statistic.WINDOW_ATTENTION) ? attention(head) : new float[0];
        return new HeadScores(policy.ties(), head.cells(), protectedCells, scores, norms, group, attention);
    }

    private static float[] attention(HeadObservation head) {
        float[][] means = new float[head.group()][head.cells()];
        new SnapKv(Pooling.NONE).score(head, means);
        return GroupAggregation.SUM.combine(means, head.cells());
    }

    /** The same with other cells protected. */
    HeadScores withProtected(BitSet others) {
        return new HeadScores(ties, cells, others, scores, valueNorms, group, attention);
    }

    /** The same with another score of the group. */
    HeadScores withGroup(float[] other) {
        return new HeadScores(ties, cells, protectedCells, scores, valueNorms, other, attention);
    }

    /** Cells that may go. */
    int evictable() {
        return cells - protectedCells.cardinality();
    }

    /** The cells that may go, ranked by these scores. */
    Ranking ranking(float[] by) {
        Ranking ranking = new Ranking(evictable(), ties);
        for (int i = protectedCells.nextClearBit(0); i < cells; i = protectedCells.nextClearBit(i + 1)) {
            ranking.add(by[i], i);
        }
        return ranking;
    }
}
