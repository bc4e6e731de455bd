package dev.quipu.runtime;

/** More tokens than the session's context holds. */
public final class ContextFullException extends RuntimeException {
    ContextFullException(long tokens, int contextTokens) {
        super(tokens + " tokens do not fit into the context of " + contextTokens);
    }
}
