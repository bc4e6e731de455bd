package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Generator;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Truth;
import dev.quipu.runtime.template.python.Types;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * {@code map}, {@code select} and their kin. They return generators, and do nothing at all, not even complain, before those are
 * asked for an element.
 */
final class SelectionFilters {
    private SelectionFilters() {}

    /** What happens to an element: its replacement, or null if it is left out. */
    private interface Step {
        @Nullable
        Object apply(Object element);
    }

    /** Makes the step when the first element is asked for. */
    private interface Preparation {
        Step prepare();
    }

    static Object map(Object value, Arguments arguments, Budget budget) {
        return lazily(value, budget, () -> mapping(arguments, budget));
    }

    static Object select(Object value, Arguments arguments, Budget budget) {
        return lazily(value, budget, () -> selection(arguments, true, false, budget));
    }

    static Object reject(Object value, Arguments arguments, Budget budget) {
        return lazily(value, budget, () -> selection(arguments, false, false, budget));
    }

    static Object selectAttribute(Object value, Arguments arguments, Budget budget) {
        return lazily(value, budget, () -> selection(arguments, true, true, budget));
    }

    static Object rejectAttribute(Object value, Arguments arguments, Budget budget) {
        return lazily(value, budget, () -> selection(arguments, false, true, budget));
    }

    private static Step mapping(Arguments arguments, Budget budget) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            AttributePath path = AttributePath.of(named.getOrDefault("attribute", None.NONE));
            Object fallback = named.getOrDefault("default", None.NONE);
            named.remove("attribute");
            named.remove("default");
            if (!named.isEmpty()) {
                throw PythonError.typeError("Unexpected keyword argument '"
                        + named.keySet().iterator().next() + "'");
            }
            return element -> path.follow(element, fallback, budget);
        }
        if (arguments.positional().isEmpty()) throw PythonError.typeError("map requires a filter argument");
        String name = Types.text(arguments.positional().get(0), "the name of a filter");
        Filter filter = Filters.find(name);
        if (filter == null) throw new PythonError("TemplateRuntimeError", "No filter named '" + name + "'.");
        Arguments rest = arguments.from(1);
        return element -> filter.apply(element, rest, budget);
    }

    private static Step selection(Arguments arguments, boolean keep, boolean byAttribute, Budget budget) {
        if (byAttribute && arguments.positional().isEmpty()) {
            throw PythonError.typeError("Missing parameter for attribute name");
        }
        AttributePath path =
                AttributePath.of(byAttribute ? arguments.positional().get(0) : None.NONE);
        int nameAt = byAttribute ? 1 : 0;
        if (arguments.positional().size() <= nameAt) {
            return element -> Truth.of(path.follow(element, budget)) == keep ? element : null;
        }
        String name = Types.text(arguments.positional().get(nameAt), "the name of a test");
        Test test = Tests.find(name);
        if (test == null) throw new PythonError("TemplateRuntimeError", "No test named '" + name + "'.");
        Arguments rest = arguments.from(nameAt + 1);
        return element -> test.holds(path.follow(element, budget), rest, budget) == keep ? element : null;
    }

    private static Generator lazily(Object value, Budget budget, Preparation preparation) {
        return new Generator(
                new Iterator<>() {
                    private @Nullable Iterator<Object> elements;
                    private @Nullable Step step;
                    private @Nullable Object next;

                    @Override
                    public boolean hasNext() {
                        if (next != null) return true;
                        if (elements == null || step == null) {
                            if (!Truth.of(value)) return false;
                            step = preparation.prepare();
                            elements = Iteration.iterator(value);
                        }
                        while (next == null && elements.hasNext()) {
                            budget.step();
                            next = step.apply(elements.next());
                        }
                        return next != null;
                    }

                    @Override
                    public Object next() {
                        Object result = hasNext() ? next : null;
                        if (result == null) throw new NoSuchElementException();
                        next = null;
                        return result;
                    }
                },
                value);
    }
}
