package dev.quipu.kvcache;

/**
 * The model's rotary position embedding, as far as eviction asks: how a query at one position becomes the same query at
 * another. Channels past the pairs do not turn.
 *
 * @param frequency double[pairs]: radians by which a pair turns per position
 * @param halves a pair is (i, i + pairs), as in GPT-NeoX; else (2 i, 2 i + 1)
 */
public record RotaryPairs(double[] frequency, boolean halves) {
    /** A model whose queries do not depend on their position. */
    public static final RotaryPairs NONE = new RotaryPairs(new double[0], false);

    int pairs() {
        return frequency.length;
    }

    /** First channel of a pair. */
    int first(int pair) {
        return halves ? pair : 2 * pair;
    }

    /** Second channel of a pair. */
    int second(int pair) {
        return halves ? pair + pairs() : 2 * pair + 1;
    }
}
