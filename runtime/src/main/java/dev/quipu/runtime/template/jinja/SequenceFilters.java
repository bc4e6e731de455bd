package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Bound;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.Generator;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.Members;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Text;
import dev.quipu.runtime.template.python.Truth;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Filters about values with elements. */
final class SequenceFilters {
    private SequenceFilters() {}

    static Object length(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("length");
        return Iteration.length(value, budget);
    }

    static Object list(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("list");
        return Iteration.list(value, budget);
    }

    static Object first(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("first");
        Iterator<Object> elements = Iteration.iterator(value);
        return elements.hasNext() ? elements.next() : Undefined.because("No first item, sequence was empty.");
    }

    static Object last(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("last");
        if (value instanceof Undefined
                || Types.isText(value) && value.toString().isEmpty()) return noLast();
        Iterator<Object> elements = Iteration.reversedOrNull(value);
        if (elements == null) throw PythonError.typeError("'" + Types.name(value) + "' object is not reversible");
        return elements.hasNext() ? elements.next() : noLast();
    }

    private static Undefined noLast() {
        return Undefined.because("No last item, sequence was empty.");
    }

    static Object random(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("random");
        int length = (int) Iteration.length(value, budget);
        if (length == 0) return Undefined.because("No random item, sequence was empty.");
        return Members.item(value, (long) ThreadLocalRandom.current().nextInt(length), budget);
    }

    static Object reverse(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("reverse");
        if (Types.isText(value)) return Members.slice(value, None.NONE, None.NONE, -1L, budget);
        if (value instanceof Undefined) return new Generator(Collections.emptyIterator(), value, "reversed");
        Iterator<Object> elements = Iteration.reversedOrNull(value);
        if (elements != null) {
            return new Generator(elements, value, value instanceof List<?> ? "list_reverseiterator" : "reversed");
        }
        List<Object> list = Iteration.list(value, budget);
        Collections.reverse(list);
        return list;
    }

    static Object join(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("join", 0, "d", "attribute");
        String separator = Text.str(bound.or(0, ""), budget);
        AttributePath path = AttributePath.of(bound.or(1, None.NONE));
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Iterator<Object> i = Iteration.iterator(value); i.hasNext(); ) {
            budget.step();
            String text = Text.str(path.follow(i.next(), budget), budget);
            budget.characters((long) text.length() + separator.length());
            if (!first) out.append(separator);
            first = false;
            out.append(text);
        }
        return out.toString();
    }

    /** {@code default}. */
    static Object fallback(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("default", 0, "default_value", "boolean");
        return value instanceof Undefined || bound.truth(1, false) && !Truth.of(value) ? bound.or(0, "") : value;
    }

    static Object items(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("items");
        if (value instanceof Undefined) return new Generator(Collections.emptyIterator(), value);
        if (!(value instanceof Dict dict)) throw PythonError.typeError("Can only get item pairs from a mapping.");
        return new Generator(dict.items(), value);
    }

    static Object attribute(Object value, Arguments arguments, Budget budget) {
        Object name = arguments.bind("attr", 1, "name").get(0);
        if (value instanceof Undefined undefined) throw undefined.error();
        return Members.attributeOnly(value, Types.text(name, "attribute name"));
    }

    /** Lists of {@code linecount} elements each. */
    static Object batch(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("batch", 1, "linecount", "fill_with");
        int size = bound.index(0, 0);
        Object fill = bound.or(1, None.NONE);
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Iterator<Object> i = Iteration.iterator(value); i.hasNext(); ) {
            budget.elements(1);
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(i.next());
        }
        if (!batch.isEmpty()) {
            if (fill != None.NONE && batch.size() < size) {
                budget.elements(size - batch.size());
                batch.addAll(Collections.nCopies(size - batch.size(), fill));
            }
            batches.add(batch);
        }
        return new Generator(batches.iterator(), value);
    }

    /** The elements in this many lists, as equal in length as possible. */
    static Object slice(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("slice", 1, "slices", "fill_with");
        int slices = bound.index(0, 0);
        Object fill = bound.or(1, None.NONE);
        List<Object> all = Iteration.list(value, budget);
        if (slices == 0) throw new PythonError("ZeroDivisionError", "integer division or modulo by zero");
        budget.elements((long) Math.max(slices, 0) + all.size());
        List<Object> result = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            boolean extra = i < all.size() % slices;
            int to = from + all.size() / slices + (extra ? 1 : 0);
            List<Object> part = new ArrayList<>(all.subList(from, to));
            if (fill != None.NONE && !extra) part.add(fill);
            result.add(part);
            from = to;
        }
        return new Generator(result.iterator(), value);
    }
}
