package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.BitSet;

/**
 * From what is known about cells to those that stay, over all layers and heads: {@link #begin}, {@link #observe} for every
 * head, {@link #end}; then {@link #select}, for as many budgets as one likes. One for each cache: it keeps the room for it.
 */
public final class Eviction {
    private final ScoreColumns columns = new ScoreColumns();
    private final Ranking ranking = new Ranking();
    private final HeadScores[][] heads;

    public Eviction(int layers, int kvHeads) {
        heads = new HeadScores[layers][kvHeads];
        for (HeadScores[] layer : heads) {
            Arrays.setAll(layer, head -> new HeadScores(columns));
        }
    }

    /**
     * Begins a pass.
     *
     * @param group query heads of a KV head
     * @param cells int[layers * kvHeads], cells held
     */
    public void begin(KvPolicy policy, int group, int[] cells) {
        int held = 0;
        for (int i = 0; i < cells.length; i++) {
            heads[i / heads[0].length][i % heads[0].length].begin(cells[i], held, policy.ties());
            held += cells[i];
        }
        columns.prepare(policy, group, held);
    }

    /**
     * Scores a head; several threads may score different ones.
     *
     * @param spans positions that stay, besides sinks and the recent window
     * @param end tokens seen so far
     */
    public void observe(HeadObservation head, KvPolicy policy, BitSet spans, int end) {
        heads[head.layer()][head.kvHead()].observe(head, policy, spans, end);
    }

    /** All heads are scored. */
    public void end(KvPolicy policy) {
        if (policy.scorer().sharedByLayer()) {
            for (HeadScores[] layer : heads) {
                share(layer);
            }
        }
    }

    /** Each head takes the sum over its layer, as far as the layer's heads hold the same number of cells. */
    private void share(HeadScores[] layer) {
        int cells = layer[0].cells();
        for (HeadScores head : layer) {
            if (head.cells() != cells) {
                return;
            }
        }
        float[] scores = columns.group;
        for (int i = 0; i < cells; i++) {
            float sum = 0;
            for (HeadScores head : layer) {
                sum += scores[head.first() + i];
            }
            for (HeadScores head : layer) {
                scores[head.first() + i] = sum;
            }
        }
    }

    /**
     * The cells that stay.
     *
     * @param cellsPerHead budget, on average
     * @param positions tokens seen so far
     * @param kept BitSet[layers][kvHeads], receives them
     */
    public void select(KvPolicy policy, int cellsPerHead, int positions, BitSet[][] kept) {
        long total = (long) cellsPerHead * heads.length * heads[0].length;
        int[] layers = policy.layers().budgets(heads, (int) Math.min(total, held()), ranking);
        for (int l = 0; l < heads.length; l++) {
            int[] budgets = policy.heads().budgets(heads[l], layers[l], ranking);
            for (int h = 0; h < budgets.length; h++) {
                policy.selection().select(heads[l][h], budgets[h], positions, kept[l][h]);
            }
        }
    }

    private int held() {
        int held = 0;
        for (HeadScores[] layer : heads) {
            held += HeadScores.cells(layer);
        }
        return held;
    }
}
