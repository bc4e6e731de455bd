package dev.quipu.runtime.template.python;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attributes, items and slices of values, as Jinja's immutable sandbox looks them up. */
public final class Members {
    private Members() {}

    /** {@code owner.name}: the attribute, else the item, else undefined. */
    public static Object attribute(Object owner, String name, Budget budget) {
        Object found = own(owner, name);
        if (found == null && owner instanceof Dict dict) found = dict.get(name);
        return found != null ? found : Undefined.member(owner, name);
    }

    /** {@code owner[key]}: the item, else the attribute, else undefined. */
    public static Object item(Object owner, Object key, Budget budget) {
        Object found = element(owner, key, budget);
        if (found == null && Types.isText(key)) found = own(owner, key.toString());
        return found != null ? found : Undefined.member(owner, key);
    }

    /** The attribute alone, undefined if there is none. */
    public static Object attributeOnly(Object owner, String name) {
        Object found = own(owner, name);
        return found != null ? found : Undefined.member(owner, name);
    }

    private static @Nullable Object own(Object owner, String name) {
        return switch (owner) {
            case Dict dict -> DictMethods.find(dict, name);
            case String text -> StringMethods.find(text, name);
            case Markup markup -> StringMethods.find(markup, name);
            case List<?> list -> ListMethods.find(list, name);
            case Tuple tuple -> {
                int field = tuple.names().indexOf(name);
                yield field >= 0 ? tuple.items().get(field) : ListMethods.find(tuple, name);
            }
            case HasAttributes object -> object.attribute(name);
            case Undefined undefined -> throw undefined.error();
            default -> Types.isNumber(owner) ? NumberMethods.find(owner, name) : null;
        };
    }

    private static @Nullable Object element(Object owner, Object key, Budget budget) {
        switch (owner) {
            case Dict dict -> {
                return key instanceof List<?> || key instanceof Dict ? null : dict.get(key, budget);
            }
            case Undefined undefined -> throw undefined.error();
            default -> {
                if (!(key instanceof Long) && !(key instanceof Boolean)) return null;
                long index = key instanceof Long n ? n : key.equals(true) ? 1 : 0;
                return switch (owner) {
                    case List<?> list -> at(list, index);
                    case Tuple tuple -> at(tuple.items(), index);
                    case String text -> CodePoints.at(text, index, budget);
                    case Markup markup -> {
                        String character = CodePoints.at(markup.text(), index, budget);
                        yield character == null ? null : new Markup(character);
                    }
                    case Range range -> {
                        long i = index < 0 ? index + range.length() : index;
                        yield i < 0 || i >= range.length() ? null : (Object) range.get((int) i);
                    }
                    default -> null;
                };
            }
        }
    }

    private static @Nullable Object at(List<?> list, long index) {
        if (index < 0) index += list.size();
        return index < 0 || index >= list.size() ? null : list.get((int) index);
    }

    /** {@code owner[start:stop:step]}; each of the three may be None. */
    public static Object slice(Object owner, Object start, Object stop, Object step, Budget budget) {
        if (owner instanceof Undefined undefined) throw undefined.error();
        boolean sliceable =
                Types.isText(owner) || owner instanceof List<?> || owner instanceof Tuple || owner instanceof Range;
        if (!sliceable)
            throw PythonError.typeError("'" + Types.name(owner) + "' object is not subscriptable with a slice");
        long stride = step == None.NONE ? 1 : bound(step);
        if (stride == 0) throw PythonError.valueError("slice step cannot be zero");
        int length = (int) Iteration.length(owner, budget);
        long from = start == None.NONE ? (stride > 0 ? 0 : length - 1) : clipped(bound(start), length, stride);
        long to = stop == None.NONE ? (stride > 0 ? length : -1) : clipped(bound(stop), length, stride);
        long distance = stride > 0 ? to - from : from - to;
        // Strides are clipped to +-2^62, so the negation is safe.
        long count = distance <= 0 ? 0 : (distance - 1) / Math.abs(stride) + 1;
        return switch (owner) {
            case String text -> text(text, (int) from, stride, (int) count, budget);
            case Markup markup -> new Markup(text(markup.text(), (int) from, stride, (int) count, budget));
            case List<?> list -> items(list, from, stride, (int) count, budget);
            case Tuple tuple -> new Tuple(items(tuple.items(), from, stride, (int) count, budget));
            case Range range ->
                count == 0
                        ? new Range(range.get((int) from), range.step(), 0)
                        : new Range(range.get((int) from), range.step() * (int) stride, (int) count);
            default -> throw new IllegalStateException();
        };
    }

    private static List<Object> items(List<?> list, long from, long stride, int count, Budget budget) {
        budget.elements(count);
        List<Object> slice = new ArrayList<>(count);
        for (int i = 0; i < count; i++) slice.add(list.get((int) (from + i * stride)));
        return slice;
    }

    private static String text(String text, int from, long stride, int count, Budget budget) {
        if (count == 0) return "";
        budget.characters(count);
        if (stride == 1) return CodePoints.substring(text, from, from + count);
        StringBuilder slice = new StringBuilder(count);
        int length = CodePoints.length(text);
        int at = CodePoints.offset(text, length, from);
        for (int i = 0; i < count; i++) {
            slice.appendCodePoint(text.codePointAt(at));
            if (i + 1 < count) at = text.offsetByCodePoints(at, (int) stride);
        }
        budget.scan((long) count * Math.min(Math.abs(stride), length));
        return slice.toString();
    }

    private static long bound(Object value) {
        if (value instanceof Long n) return Math.clamp(n, -1L << 62, 1L << 62);
        if (value instanceof Boolean b) return b ? 1 : 0;
        if (value instanceof BigInteger n) return n.signum() < 0 ? -1L << 62 : 1L << 62;
        if (value instanceof Undefined undefined) throw undefined.error();
        throw PythonError.typeError("slice indices must be integers or None or have an __index__ method");
    }

    private static long clipped(long index, int length, long stride) {
        if (index < 0) index += length;
        return stride > 0 ? Math.clamp(index, 0, length) : Math.clamp(index, -1, length - 1);
    }
}
