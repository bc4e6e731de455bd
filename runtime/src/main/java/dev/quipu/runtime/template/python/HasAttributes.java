package dev.quipu.runtime.template.python;

import org.jspecify.annotations.Nullable;

/** A value with attributes of its own kind. */
public interface HasAttributes {
    /** The attribute, or null if there is none of this name. */
    @Nullable
    Object attribute(String name);

    /** Python's name of its type. */
    String typeName();

    /** Python's {@code repr} of it. */
    String representation(Budget budget);
}
