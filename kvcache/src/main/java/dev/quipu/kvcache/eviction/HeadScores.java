package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The scored cells of one KV head, which stay valid while all heads are compared.
 *
 * @param cells cells held
 * @param protectedCells cells that stay whatever they score
 * @param scores float[group][cells]
 * @param valueNorms float[group][cells], or float[group][0] where the selection does not ask for them
 * @param group float[cells], the scores of the group's heads combined
 */
public record HeadScores(int cells, BitSet protectedCells, float[][] scores, float[][] valueNorms, float[] group) {

    /** Copies what the scorer wrote. */
    public static HeadScores of(HeadObservation head, Scorer scorer, boolean withNorms, BitSet protectedCells) {
        float[][] scores = new float[head.group()][head.cells()];
        scorer.score(head, scores);
        float[][] norms = new float[head.group()][0];
        for (int g = 0; withNorms && g < norms.length; g++) {
            norms[g] = Arrays.copyOf(head.valueNorms()[g], head.cells());
        }
        float[] group = scorer.aggregation().combine(scores, head.cells());
        return new HeadScores(head.cells(), protectedCells, scores, norms, group);
    }

    /** Cells that may go. */
    int evictable() {
        return cells - protectedCells.cardinality();
    }

    /** The cells that may go, ranked by these scores. */
    Ranking ranking(float[] by) {
        Ranking ranking = new Ranking(evictable());
        for (int i = protectedCells.nextClearBit(0); i < cells; i = protectedCells.nextClearBit(i + 1)) {
            ranking.add(by[i], i);
        }
        return ranking;
    }
}
