package dev.quipu.runtime.template.jinja;

import org.jspecify.annotations.Nullable;

/** A template that cannot be parsed or rendered. */
public final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int line;

    JinjaException(String message, int line) {
        this(message, line, null);
    }

    JinjaException(String message, int line, @Nullable Throwable cause) {
        super(message, cause);
        this.line = line;
    }

    /** Line of the template, from 1. */
    public int line() {
        return line;
    }
}
