package dev.quipu.runtime.template.python;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's {@code dict}: insertion-ordered; {@code 1}, {@code 1.0} and {@code True} are one key. */
public final class Dict {
    /** A tuple as a key. */
    private record TupleKey(List<Object> items) {}

    /** Canonical key to value. */
    private final LinkedHashMap<Object, Object> entries;

    /** Keys that are not their own canonical form. */
    private final Map<Object, Object> originals = new HashMap<>(0);

    public Dict() {
        this.entries = new LinkedHashMap<>();
    }

    public Dict(int expectedSize) {
        this.entries = LinkedHashMap.newLinkedHashMap(expectedSize);
    }

    /** Only while the dict is being made. */
    public void put(Object key, Object value, Budget budget) {
        if (key instanceof String) {
            entries.put(key, value);
            return;
        }
        Object canonical = canonical(key, budget);
        if (entries.put(canonical, value) == null && !canonical.equals(key)) originals.put(canonical, key);
    }

    /** Only while the dict is being made. */
    public void put(String key, Object value) {
        entries.put(key, value);
    }

    public @Nullable Object get(String key) {
        return entries.get(key);
    }

    public @Nullable Object get(Object key, Budget budget) {
        return entries.get(key instanceof String ? key : canonical(key, budget));
    }

    public int size() {
        return entries.size();
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** The keys in their order. */
    public Collection<Object> keys() {
        if (originals.isEmpty()) return entries.keySet();
        List<Object> keys = new ArrayList<>(entries.size());
        for (Object key : entries.keySet()) keys.add(originals.getOrDefault(key, key));
        return keys;
    }

    public Collection<Object> values() {
        return entries.values();
    }

    /** Tuples of key and value. */
    public Iterator<Object> items() {
        Iterator<Map.Entry<Object, Object>> inner = entries.entrySet().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return inner.hasNext();
            }

            @Override
            public Object next() {
                Map.Entry<Object, Object> entry = inner.next();
                return Tuple.of(originals.getOrDefault(entry.getKey(), entry.getKey()), entry.getValue());
            }
        };
    }

    /** A form that is equal in Java whenever the keys are equal in Python. Fails for unhashable values. */
    public static Object canonical(Object key, Budget budget) {
        budget.step();
        return switch (key) {
            case String s -> s;
            case Markup markup -> markup.text();
            case Boolean b -> b ? 1L : 0L;
            case Double d when d == Math.rint(d) && Math.abs(d) < 0x1p63 -> d.longValue();
            case Double d when d == Math.rint(d) && !Double.isInfinite(d) -> Numbers.integral(d);
            case BigInteger n -> n;
            case Tuple tuple -> {
                budget.descend(1);
                List<Object> items = new ArrayList<>(tuple.items().size());
                for (Object item : tuple.items()) items.add(canonical(item, budget));
                budget.ascend(1);
                yield new TupleKey(items);
            }
            case List<?> list -> throw unhashable(list);
            case Dict dict -> throw unhashable(dict);
            default -> key;
        };
    }

    private static PythonError unhashable(Object value) {
        return PythonError.typeError("unhashable type: '" + Types.name(value) + "'");
    }
}
