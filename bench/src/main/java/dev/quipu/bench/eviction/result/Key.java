package dev.quipu.bench.eviction.result;

/**
 * What was measured once.
 *
 * @param experiment name of the experiment
 * @param item document or question
 * @param policy text of the policy; {@code full} for none
 * @param rows how keys and values are stored
 * @param budget share of the bytes of a full cache; 1 for none
 */
public record Key(String experiment, String item, String policy, String rows, double budget) {
    /** Name of the cache that forgets nothing. */
    public static final String FULL = "full";

    public static Key full(String experiment, String item, String rows) {
        return new Key(experiment, item, FULL, rows, 1);
    }

    /** The same of another item. */
    Key of(String other) {
        return new Key(experiment, other, policy, rows, budget);
    }
}
