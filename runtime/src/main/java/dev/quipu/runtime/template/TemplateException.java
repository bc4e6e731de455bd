package dev.quipu.runtime.template;

import dev.quipu.runtime.template.jinja.JinjaException;

/** A chat template that cannot be parsed, or that fails for a conversation; often on purpose, with {@code raise_exception}. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int line;

    TemplateException(JinjaException cause) {
        super("chat template, line " + cause.line() + ": " + cause.getMessage(), cause.getCause());
        this.line = cause.line();
    }

    /** Line of the template, from 1. */
    public int line() {
        return line;
    }
}
