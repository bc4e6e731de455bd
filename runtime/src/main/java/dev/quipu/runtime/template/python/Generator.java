package dev.quipu.runtime.template.python;

import java.util.Iterator;

/** A Python iterator: can be gone through once, has no length, is always true. */
public final class Generator {
    /** Generators that draw from one another; each takes a few stack frames. */
    private static final int DEEPEST = 100;

    private final Iterator<Object> elements;
    private final String typeName;
    private final int depth;

    /** @param source what the elements are drawn from */
    public Generator(Iterator<Object> elements, Object source) {
        this(elements, source, "generator");
    }

    public Generator(Iterator<Object> elements, Object source, String typeName) {
        this.elements = elements;
        this.typeName = typeName;
        this.depth = source instanceof Generator other ? other.depth + 1 : 1;
        if (depth > DEEPEST)
            throw new PythonError("RecursionError", "more than " + DEEPEST + " generators on one another");
    }

    /** What is left of it. */
    public Iterator<Object> elements() {
        return elements;
    }

    String typeName() {
        return typeName;
    }
}
