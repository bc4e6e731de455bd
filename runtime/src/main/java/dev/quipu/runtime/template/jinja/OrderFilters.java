package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Bound;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Comparison;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.Generator;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Sorting;
import dev.quipu.runtime.template.python.StringCase;
import dev.quipu.runtime.template.python.Tuple;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Filters that sort, group and compare; text counts in lower case unless {@code case_sensitive}. */
final class OrderFilters {
    private OrderFilters() {}

    static Object sort(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        boolean caseSensitive = bound.truth(1, false);
        Object attribute = bound.or(2, None.NONE);
        List<AttributePath> paths = new ArrayList<>();
        if (Types.isText(attribute)) {
            for (String path : attribute.toString().split(",", -1)) paths.add(AttributePath.of(path));
        } else {
            paths.add(AttributePath.of(attribute));
        }
        UnaryOperator<Object> key = element -> {
            List<Object> keys = new ArrayList<>(paths.size());
            for (AttributePath path : paths) keys.add(folded(path.follow(element, budget), caseSensitive, budget));
            return keys;
        };
        return Sorting.sorted(Iteration.list(value, budget), key, bound.truth(0, false), budget);
    }

    static Object dictSort(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        boolean caseSensitive = bound.truth(0, false);
        Object by = bound.or(1, "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw PythonError.valueError("You can only sort by either \"key\" or \"value\"");
        }
        if (value instanceof Undefined undefined) throw undefined.error();
        if (!(value instanceof Dict dict))
            throw PythonError.typeError("dictsort needs a dict, not " + Types.name(value));
        int position = by.equals("key") ? 0 : 1;
        List<Object> items = new ArrayList<>(dict.size());
        dict.items().forEachRemaining(items::add);
        return Sorting.sorted(
                items,
                item -> folded(((Tuple) item).items().get(position), caseSensitive, budget),
                bound.truth(2, false),
                budget);
    }

    static Object groupBy(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        AttributePath path = AttributePath.of(bound.get(0));
        Object fallback = bound.or(1, None.NONE);
        boolean caseSensitive = bound.truth(2, false);
        UnaryOperator<Object> key = element -> folded(path.follow(element, fallback, budget), caseSensitive, budget);
        List<Object> groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        Object groupKey = None.NONE;
        for (Object element : Sorting.sorted(Iteration.list(value, budget), key, false, budget)) {
            Object elementKey = key.apply(element);
            if (group.isEmpty() || !Comparison.equal(groupKey, elementKey, budget)) {
                group = new ArrayList<>();
                groupKey = elementKey;
                // The name of a group is its first element's, as it is written there.
                Object name = path.follow(element, fallback, budget);
                groups.add(new Tuple(List.of(name, group), List.of("grouper", "list")));
            }
            group.add(element);
        }
        return groups;
    }

    static Object min(Object value, Arguments arguments, Budget budget) {
        return extreme("min", value, arguments, budget);
    }

    static Object max(Object value, Arguments arguments, Budget budget) {
        return extreme("max", value, arguments, budget);
    }

    private static Object extreme(String name, Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, 0, "case_sensitive", "attribute");
        boolean caseSensitive = bound.truth(0, false);
        AttributePath path = AttributePath.of(bound.or(1, None.NONE));
        Iterator<Object> elements = Iteration.iterator(value);
        if (!elements.hasNext()) return Undefined.because("No aggregated item, sequence was empty.");
        Object best = elements.next();
        Object bestKey = folded(path.follow(best, budget), caseSensitive, budget);
        while (elements.hasNext()) {
            Object element = elements.next();
            Object key = folded(path.follow(element, budget), caseSensitive, budget);
            boolean better = name.equals("min")
                    ? Comparison.less(key, bestKey, false, budget)
                    : Comparison.less(bestKey, key, false, budget);
            if (better) {
                best = element;
                bestKey = key;
            }
        }
        return best;
    }

    static Object unique(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        boolean caseSensitive = bound.truth(0, false);
        AttributePath path = AttributePath.of(bound.or(1, None.NONE));
        Set<Object> seen = new HashSet<>();
        Iterator<Object> elements = Iteration.iterator(value);
        return new Generator(
                new Iterator<>() {
                    private boolean found;
                    private Object next = None.NONE;

                    @Override
                    public boolean hasNext() {
                        while (!found && elements.hasNext()) {
                            budget.elements(1);
                            next = elements.next();
                            Object key = folded(path.follow(next, budget), caseSensitive, budget);
                            found = seen.add(Dict.canonical(key, budget));
                        }
                        return found;
                    }

                    @Override
                    public Object next() {
                        if (!hasNext()) throw new NoSuchElementException();
                        found = false;
                        return next;
                    }
                },
                value);
    }

    private static Object folded(Object key, boolean caseSensitive, Budget budget) {
        return !caseSensitive && Types.isText(key) ? StringCase.change("lower", key.toString(), budget) : key;
    }
}
