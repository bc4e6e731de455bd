package dev.quipu.kvcache.eviction;

import org.jspecify.annotations.Nullable;

/**
 * What is compared about the cells of all heads of a cache: one array for each number, in which every head has a stretch. How
 * many cells a pass looks at depends on the budget, however unequal the heads are, so these arrays seldom grow. Those that
 * the policy does not ask for hold nothing of use.
 */
final class ScoreColumns {
    private static final float[] NONE = new float[0];

    /** The scores of a group's heads combined. */
    float[] group = NONE;

    /** By what heads and layers compete: the same array, or another scorer's. */
    float[] claims = NONE;

    /** The window's mean attention, summed over the group. */
    float[] attention = NONE;

    /** float[group][]: the scores of single query heads. */
    float[][] scores = new float[0][];

    /** float[group][], of the norm that the selection asks for. */
    float[][] valueNorms = new float[0][];

    /** For what a selection computes. */
    float[] spare = NONE;

    /** Who scores the claims, where it is not the policy's scorer. */
    @Nullable
    Scorer claimer;

    /** The norm of values that the selection asks for, and with it for the scores of single query heads. */
    @Nullable
    Statistic norm;

    /** Whether the selection asks for attention. */
    boolean attends;

    /** Ranks one head after the other. */
    final Ranking ranking = new Ranking();

    /**
     * Makes room for a pass.
     *
     * @param heads query heads of a group
     * @param cells cells of all KV heads
     */
    void prepare(KvPolicy policy, int heads, int cells) {
        norm = null;
        attends = false;
        for (Statistic need : policy.selection().needs()) {
            switch (need) {
                case WINDOW_MEAN -> attends = true;
                case VALUE_NORM, VALUE_LENGTH, CENTRED_NORM -> norm = need;
                default -> throw new IllegalStateException(need + " is not known of all heads");
            }
        }
        claimer = policy.claims().scorer().orElse(null);
        boolean own = claims != group;
        group = room(group, cells);
        claims = claimer == null ? group : room(own ? claims : NONE, cells);
        attention = room(attention, attends ? cells : 0);
        int normed = norm == null ? 0 : cells;
        scores = room(scores, heads, normed);
        valueNorms = room(valueNorms, heads, normed);
        spare = room(spare, normed);
    }

    private static float[][] room(float[][] arrays, int count, int cells) {
        float[][] result = arrays.length == count ? arrays : new float[count][0];
        for (int i = 0; i < count; i++) {
            result[i] = room(result[i], cells);
        }
        return result;
    }

    private static float[] room(float[] array, int cells) {
        return array.length >= cells ? array : new float[cells + cells / 8];
    }
}
