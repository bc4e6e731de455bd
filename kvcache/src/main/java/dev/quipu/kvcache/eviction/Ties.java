package dev.quipu.kvcache.eviction;

/**
 * Which of two cells with equal scores stays. Pooling by maximum makes whole runs of equal scores, of which a budget's end
 * keeps one side.
 */
public enum Ties {
    /** The earlier, as a stable sort leaves them. */
    EARLY,
    /** The later. */
    RECENT
}
