package dev.quipu.kvcache;

import java.util.Arrays;

/**
 * The output perturbations of several plans, for each of them, each layer and query head, and each judging query: what
 * {@link Perturbation} says of one.
 */
public final class PerturbationTable {
    private final KvLayout layout;
    private final int plans;
    private final int[] queries;
    private final double[] losses;
    private final double[] evictedMasses;
    private final double[] bounds;

    /** @param queries positions of the judging queries, ascending */
    PerturbationTable(KvLayout layout, int plans, int[] queries) {
        this.layout = layout;
        this.plans = plans;
        this.queries = queries;
        int size = Math.multiplyExact(plans, layout.layers() * layout.heads() * queries.length);
        losses = new double[size];
        evictedMasses = new double[size];
        bounds = new double[size];
    }

    public int plans() {
        return plans;
    }

    /** Positions of the judging queries, ascending. */
    public int[] queries() {
        return queries.clone();
    }

    /** What the plan does to a query head and the query in place {@code query}. */
    public Perturbation of(int plan, int layer, int head, int query) {
        int at = at(plan, layer, head, query);
        return new Perturbation(head, queries[query], losses[at], evictedMasses[at], bounds[at]);
    }

    /** L of a query head, averaged over the queries. */
    public double meanLoss(int plan, int layer, int head) {
        int first = at(plan, layer, head, 0);
        return Arrays.stream(losses, first, first + queries.length).average().orElse(Double.NaN);
    }

    void set(int plan, int layer, int head, int query, double loss, double evictedMass, double bound) {
        int at = at(plan, layer, head, query);
        losses[at] = loss;
        evictedMasses[at] = evictedMass;
        bounds[at] = bound;
    }

    private int at(int plan, int layer, int head, int query) {
        return ((plan * layout.layers() + layer) * layout.heads() + head) * queries.length + query;
    }
}
