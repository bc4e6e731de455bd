package dev.quipu.runtime.template.python;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Going through the elements of a value. */
public final class Iteration {
    private Iteration() {}

    /** The elements, or null if the value cannot be iterated over. */
    public static @Nullable Iterator<Object> iteratorOrNull(Object value) {
        return switch (value) {
            case List<?> list -> elements(list);
            case Tuple tuple -> tuple.items().iterator();
            case Dict dict -> dict.keys().iterator();
            case DictView view -> view.iterator();
            case String text -> characters(text, false);
            case Markup markup -> characters(markup.text(), false);
            case Range range -> numbers(range);
            case Generator generator -> generator.elements();
            case Undefined u -> Collections.emptyIterator();
            default -> null;
        };
    }

    public static Iterator<Object> iterator(Object value) {
        Iterator<Object> iterator = iteratorOrNull(value);
        if (iterator == null) throw PythonError.typeError("'" + Types.name(value) + "' object is not iterable");
        return iterator;
    }

    /** Python's {@code reversed}, or null if the value's type has none. */
    public static @Nullable Iterator<Object> reversedOrNull(Object value) {
        return switch (value) {
            case List<?> list -> elements(list.reversed());
            case Tuple tuple -> tuple.items().reversed().iterator();
            case Dict dict -> new ArrayList<>(dict.keys()).reversed().iterator();
            case DictView view -> backwards(view.iterator());
            case String text -> characters(text, true);
            case Markup markup -> characters(markup.text(), true);
            case Range range -> numbers(new Range(range.get(range.length() - 1), -range.step(), range.length()));
            default -> null;
        };
    }

    /** A new list of the elements. */
    public static List<Object> list(Object value, Budget budget) {
        int size = lengthOrNegative(value);
        List<Object> list = new ArrayList<>(Math.max(size, 0));
        if (size > 0) budget.elements(size);
        for (Iterator<Object> i = iterator(value); i.hasNext(); ) {
            if (size < 0) budget.elements(1);
            list.add(i.next());
        }
        return list;
    }

    /** Python's {@code len}, or -1 if the value's type has none. */
    public static int lengthOrNegative(Object value) {
        return switch (value) {
            case List<?> list -> list.size();
            case Tuple tuple -> tuple.items().size();
            case Dict dict -> dict.size();
            case DictView view -> view.dict().size();
            case String text -> CodePoints.length(text);
            case Markup markup -> CodePoints.length(markup.text());
            case Range range -> range.length();
            case Undefined u -> 0;
            default -> -1;
        };
    }

    public static long length(Object value, Budget budget) {
        if (value instanceof String text) budget.scan(text.length());
        int length = lengthOrNegative(value);
        if (length < 0) throw PythonError.typeError("object of type '" + Types.name(value) + "' has no len()");
        return length;
    }

    @SuppressWarnings("unchecked") // a list of the engine's holds values only
    private static Iterator<Object> elements(List<?> list) {
        return (Iterator<Object>) list.iterator();
    }

    private static Iterator<Object> backwards(Iterator<Object> elements) {
        List<Object> list = new ArrayList<>();
        elements.forEachRemaining(list::add);
        return list.reversed().iterator();
    }

    private static Iterator<Object> numbers(Range range) {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < range.length();
            }

            @Override
            public Object next() {
                return range.get(next++);
            }
        };
    }

    private static Iterator<Object> characters(String text, boolean backwards) {
        return new Iterator<>() {
            private int at = backwards ? text.length() : 0;

            @Override
            public boolean hasNext() {
                return backwards ? at > 0 : at < text.length();
            }

            @Override
            public Object next() {
                int from = at;
                at = text.offsetByCodePoints(at, backwards ? -1 : 1);
                return text.substring(Math.min(from, at), Math.max(from, at));
            }
        };
    }
}
