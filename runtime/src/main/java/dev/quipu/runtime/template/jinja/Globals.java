package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Bound;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Callable;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.NamedValues;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Range;
import dev.quipu.runtime.template.python.Text;
import dev.quipu.runtime.template.python.Types;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The functions that every template can call. */
final class Globals {
    private Globals() {}

    /** @param clock what {@code strftime_now} reads */
    static Map<String, Object> of(Clock clock) {
        Map<String, Object> globals = new HashMap<>();
        globals.put("range", (Callable) Globals::range);
        globals.put("dict", (Callable) Globals::dict);
        globals.put("namespace", (Callable) (arguments, budget) -> new Namespace(attributes(arguments, budget)));
        globals.put("cycler", (Callable) Globals::cycler);
        globals.put("joiner", (Callable) (arguments, budget) ->
                new Joiner(arguments.bind("joiner", 0, "sep").or(0, ", ")));
        globals.put("raise_exception", (Callable) Globals::raise);
        globals.put("strftime_now", (Callable) (arguments, budget) -> {
            String format =
                    Types.text(arguments.bind("strftime_now", 1, "format").get(0), "strftime() argument 1");
            budget.characters(format.length());
            return Strftime.format(format, ZonedDateTime.now(clock), budget);
        });
        return globals;
    }

    private static Object range(Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("range", 1, "", "", "");
        if (!bound.has(1)) return Range.of(0, number(bound.get(0)), 1);
        return Range.of(number(bound.get(0)), number(bound.get(1)), bound.has(2) ? number(bound.get(2)) : 1);
    }

    private static long number(Object value) {
        if (value instanceof Long n) return n;
        return Types.index(value, "range() argument");
    }

    private static Object dict(Arguments arguments, Budget budget) {
        Dict dict = new Dict();
        List<Object> positional = arguments.bindOptional("dict");
        if (!positional.isEmpty()) {
            Object source = positional.get(0);
            boolean mapping = source instanceof Dict;
            for (Iterator<Object> i = mapping ? ((Dict) source).items() : Iteration.iterator(source); i.hasNext(); ) {
                List<Object> pair = Iteration.list(i.next(), budget);
                if (pair.size() != 2) {
                    throw PythonError.valueError(
                            "dictionary update sequence element has length " + pair.size() + "; 2 is required");
                }
                dict.put(pair.get(0), pair.get(1), budget);
            }
        }
        budget.elements(2L * arguments.named().size());
        arguments.named().forEach(dict::put);
        return dict;
    }

    private static Map<String, Object> attributes(Arguments arguments, Budget budget) {
        return NamedValues.of((Dict) dict(arguments, budget), "namespace");
    }

    private static Object cycler(Arguments arguments, Budget budget) {
        if (!arguments.named().isEmpty()) throw PythonError.typeError("cycler() takes no keyword arguments");
        if (arguments.positional().isEmpty()) {
            throw new PythonError("RuntimeError", "at least one item has to be provided");
        }
        return new Cycler(arguments.positional());
    }

    private static Object raise(Arguments arguments, Budget budget) {
        Object message = arguments.bind("raise_exception", 1, "message").get(0);
        throw new PythonError("TemplateError", Text.str(message, budget));
    }
}
