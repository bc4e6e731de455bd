package dev.quipu.runtime.template.python;

import org.jspecify.annotations.Nullable;

/** Arguments of a call in the order of the function's parameters. */
public final class Bound {
    /** Null: left out. */
    private final @Nullable Object[] values;

    Bound(@Nullable Object[] values) {
        this.values = values;
    }

    public boolean has(int parameter) {
        return values[parameter] != null;
    }

    /** The argument of a parameter without default. */
    public Object get(int parameter) {
        Object value = values[parameter];
        if (value == null) throw new IllegalStateException("parameter " + parameter + " is not required");
        return value;
    }

    /** The argument, or the parameter's default. */
    public Object or(int parameter, Object fallback) {
        Object value = values[parameter];
        return value != null ? value : fallback;
    }

    /** The argument as an integer, or the parameter's default. */
    public int index(int parameter, int fallback) {
        Object value = values[parameter];
        return value == null ? fallback : Types.index(value, "argument " + (parameter + 1));
    }

    /** Whether the argument is true, or the parameter's default. */
    public boolean truth(int parameter, boolean fallback) {
        Object value = values[parameter];
        return value == null ? fallback : Truth.of(value);
    }
}
