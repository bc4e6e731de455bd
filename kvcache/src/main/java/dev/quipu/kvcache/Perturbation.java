package dev.quipu.kvcache;

/**
 * What evicting cells did to the output of one query head for one query.
 *
 * @param head query head
 * @param position of the query
 * @param loss {@code L = || o - o_hat ||_1}, o the head's share of the residual stream, o_hat the same from the kept cells
 * @param evictedMass m, attention of the evicted cells
 * @param bound theta, an upper bound of L where less than half of the attention was evicted; else infinite
 */
public record Perturbation(int head, int position, double loss, double evictedMass, double bound) {
    /** Sigma, attention of the kept cells. */
    public double keptMass() {
        return 1 - evictedMass;
    }
}
