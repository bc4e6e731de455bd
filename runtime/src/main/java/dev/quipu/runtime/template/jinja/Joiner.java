package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Callable;

/** {@code joiner(separator)}: nothing at the first call, the separator at all others. */
final class Joiner implements Callable {
    private final Object separator;
    private boolean used;

    Joiner(Object separator) {
        this.separator = separator;
    }

    @Override
    public Object call(Arguments arguments, Budget budget) {
        arguments.bindNothing("joiner");
        if (used) return separator;
        used = true;
        return "";
    }

    @Override
    public String typeName() {
        return "Joiner";
    }
}
