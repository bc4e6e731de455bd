package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.BitSet;

/** From scores to the cells that stay, over all layers and heads. One for each cache: it keeps the room to rank in. */
public final class Eviction {
    private final Ranking ranking = new Ranking();

    /**
     * The cells that stay.
     *
     * @param heads HeadScores[layers][kvHeads]
     * @param cellsPerHead budget, on average
     * @param positions tokens seen so far
     * @param kept BitSet[layers][kvHeads], receives them
     */
    public void select(KvPolicy policy, HeadScores[][] heads, int cellsPerHead, int positions, BitSet[][] kept) {
        HeadScores[][] ranked = policy.scorer().sharedByLayer() ? shared(heads) : heads;
        long total = (long) cellsPerHead * heads.length * heads[0].length;
        HeadScores[][] claiming = policy.claims().scorer().isPresent() ? claiming(heads) : ranked;
        int[] layers = policy.layers().budgets(claiming, (int) Math.min(total, held(heads)), ranking);
        for (int l = 0; l < heads.length; l++) {
            int[] budgets = policy.heads().budgets(claiming[l], layers[l], ranking);
            for (int h = 0; h < budgets.length; h++) {
                policy.selection().select(ranked[l][h], budgets[h], positions, kept[l][h]);
            }
        }
    }

    /** The same heads by what they claim. */
    private static HeadScores[][] claiming(HeadScores[][] heads) {
        HeadScores[][] result = new HeadScores[heads.length][];
        for (int l = 0; l < heads.length; l++) {
            result[l] = new HeadScores[heads[l].length];
            for (int h = 0; h < heads[l].length; h++) {
                result[l][h] = heads[l][h].claiming();
            }
        }
        return result;
    }

    private static int held(HeadScores[][] heads) {
        int held = 0;
        for (HeadScores[] layer : heads) {
            held += HeadScores.cells(layer);
        }
        return held;
    }

    /** Each head ranks by the sum over its layer, as far as its layer's heads hold the same number of cells. */
    private static HeadScores[][] shared(HeadScores[][] heads) {
        HeadScores[][] result = new HeadScores[heads.length][];
        for (int l = 0; l < heads.length; l++) {
            int cells = heads[l][0].cells();
            boolean equal = Arrays.stream(heads[l]).allMatch(head -> head.cells() == cells);
            result[l] = equal ? shared(heads[l]) : heads[l];
        }
        return result;
    }

    private static HeadScores[] shared(HeadScores[] layer) {
        float[] sum = new float[layer[0].cells()];
        for (HeadScores head : layer) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += head.group()[i];
            }
        }
        return Arrays.stream(layer).map(head -> head.rankedBy(sum)).toArray(HeadScores[]::new);
    }
}
