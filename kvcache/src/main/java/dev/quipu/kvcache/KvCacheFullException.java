package dev.quipu.kvcache;

/** A batch does not fit into the positions that a cache was made for. The cache is as it was before. */
public final class KvCacheFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int positions;
    private final int tokens;
    private final int maxPositions;

    KvCacheFullException(int positions, int tokens, int maxPositions) {
        super("the KV cache holds %d of %d cells: no room for %d more".formatted(positions, maxPositions, tokens));
        this.positions = positions;
        this.tokens = tokens;
        this.maxPositions = maxPositions;
    }

    /** Cells that the fullest head holds: the positions, as long as nothing was evicted. */
    public int positions() {
        return positions;
    }

    /** Tokens asked for. */
    public int tokens() {
        return tokens;
    }

    /** Positions the cache may hold. */
    public int maxPositions() {
        return maxPositions;
    }
}
