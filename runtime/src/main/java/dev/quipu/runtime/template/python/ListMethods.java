package dev.quipu.runtime.template.python;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Methods of {@code list} and {@code tuple}; those that change a list are out of bounds for templates. */
final class ListMethods {
    private ListMethods() {}

    /** The method of a list or a tuple. */
    static @Nullable Object find(Object owner, String name) {
        return switch (name) {
            case "count" -> new BoundMethod(name, owner, ListMethods::count);
            case "index" -> new BoundMethod(name, owner, ListMethods::index);
            case "copy" -> owner instanceof Tuple ? null : new BoundMethod(name, owner, ListMethods::copy);
            case "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove" ->
                owner instanceof Tuple ? null : Undefined.unsafe(owner, name);
            default -> null;
        };
    }

    private static List<?> items(Object owner) {
        return owner instanceof Tuple tuple ? tuple.items() : (List<?>) owner;
    }

    private static Object count(Object owner, Arguments arguments, Budget budget) {
        Object wanted = arguments.bind("count", 1, "").get(0);
        long count = 0;
        for (Object item : items(owner)) {
            if (item == wanted || Comparison.equal(item, wanted, budget)) count++;
        }
        return count;
    }

    private static Object index(Object owner, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("index", 1, "", "", "");
        List<?> items = items(owner);
        Object wanted = bound.get(0);
        int from = position(bound.index(1, 0), items.size());
        int to = position(bound.index(2, items.size()), items.size());
        for (int i = from; i < Math.min(to, items.size()); i++) {
            if (items.get(i) == wanted || Comparison.equal(items.get(i), wanted, budget)) return (long) i;
        }
        throw PythonError.valueError(Text.repr(wanted, budget) + " is not in list");
    }

    /** An index that may count from the end. */
    private static int position(int index, int size) {
        return index < 0 ? Math.max(0, index + size) : index;
    }

    private static Object copy(Object owner, Arguments arguments, Budget budget) {
        arguments.bindNothing("copy");
        return owner;
    }
}
