package dev.quipu.runtime;

/** Why a generation ended. */
public enum StopReason {
    /** The model ended its turn. */
    END_OF_GENERATION,
    /** The limit of tokens was reached. */
    LIMIT,
    /** One of the stop texts appeared. */
    STOP_TEXT,
    /** The session's context holds no further token. */
    CONTEXT_FULL,
    /** {@link Generation#cancel} or {@link Generation#close} was called. */
    CANCELLED
}
