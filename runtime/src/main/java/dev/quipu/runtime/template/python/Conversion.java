package dev.quipu.runtime.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Java's values as Python's: a deep copy, so later changes of the caller's do no harm. */
public final class Conversion {
    private static final int DEEPEST = 400;

    private Conversion() {}

    /**
     * Null, Boolean, any Number, CharSequence, Character, Map, Iterable and Object[] have a counterpart, as well as values
     * of the engine's own.
     */
    public static Object of(@Nullable Object value, Budget budget) {
        return of(value, 0, budget);
    }

    private static Object of(@Nullable Object value, int depth, Budget budget) {
        if (value instanceof String s) return s;
        if (depth > DEEPEST)
            throw new PythonError("RecursionError", "values nested more than " + DEEPEST + " levels deep");
        return switch (value) {
            case null -> None.NONE;
            case Boolean b -> b;
            case Long n -> n;
            case Integer n -> (long) n;
            case Map<?, ?> map -> {
                Dict dict = new Dict(map.size());
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    dict.put(of(entry.getKey(), depth + 1, budget), of(entry.getValue(), depth + 1, budget), budget);
                }
                yield dict;
            }
            case Iterable<?> items -> {
                List<Object> list = new ArrayList<>();
                for (Object item : items) list.add(of(item, depth + 1, budget));
                yield list;
            }
            case Object[] items -> {
                List<Object> list = new ArrayList<>(items.length);
                for (Object item : items) list.add(of(item, depth + 1, budget));
                yield list;
            }
            case Double d -> d;
            case Float f -> (double) f;
            case BigInteger n -> Numbers.integer(n);
            case BigDecimal d -> d.doubleValue();
            case Short n -> (long) n;
            case Byte n -> (long) n;
            case Character c -> c.toString();
            case CharSequence text -> text.toString();
            case None n -> n;
            case Dict d -> d;
            case Tuple t -> t;
            case Callable c -> c;
            case HasAttributes a -> a;
            case Undefined u -> u;
            default ->
                throw new IllegalArgumentException(
                        "a template cannot use a " + value.getClass().getName());
        };
    }
}
