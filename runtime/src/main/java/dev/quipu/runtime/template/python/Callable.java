package dev.quipu.runtime.template.python;

/** A value that a template can call. */
public interface Callable {
    Object call(Arguments arguments, Budget budget);

    /** Python's name of its type. */
    default String typeName() {
        return "function";
    }

    /** Python's {@code repr} of it. */
    default String representation() {
        return "<" + typeName() + ">";
    }
}
