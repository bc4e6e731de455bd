package dev.quipu.runtime.template.python;

import java.util.List;

/**
 * Python's {@code tuple}.
 *
 * @param items its elements
 * @param names names of the elements if it is a {@code namedtuple}, else none
 */
public record Tuple(List<Object> items, List<String> names) {
    public static final Tuple EMPTY = new Tuple(List.of(), List.of());

    public Tuple(List<Object> items) {
        this(items, List.of());
    }

    public static Tuple of(Object... items) {
        return new Tuple(List.of(items), List.of());
    }
}
