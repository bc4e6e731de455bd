package dev.quipu.runtime;

/**
 * What a session has forgotten so far, on its own account.
 *
 * @param passes evictions
 * @param cells cells that went, of all layers and KV heads
 * @param heads KV heads of all layers
 * @param bytes bytes that were given back
 * @param nanos time that evictions took
 * @param renewals how often what was kept got new places in the context
 * @param recomputed prompt tokens that had been evaluated before and were evaluated again, because too little was left of what
 *     precedes them
 */
public record KvLoss(int passes, long cells, int heads, long bytes, long nanos, int renewals, long recomputed) {
    /** Tokens that went, averaged over heads. */
    public double tokens() {
        return (double) cells / heads;
    }

    /** What came on top since then. */
    public KvLoss since(KvLoss then) {
        return new KvLoss(
                passes - then.passes,
                cells - then.cells,
                heads,
                bytes - then.bytes,
                nanos - then.nanos,
                renewals - then.renewals,
                recomputed - then.recomputed);
    }
}
