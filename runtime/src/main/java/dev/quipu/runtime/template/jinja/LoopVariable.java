package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Callable;
import dev.quipu.runtime.template.python.Comparison;
import dev.quipu.runtime.template.python.HasAttributes;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Tuple;
import dev.quipu.runtime.template.python.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of a running loop; called, it runs a recursive loop over something else. */
final class LoopVariable implements HasAttributes, Callable {
    private Iterator<Object> elements;
    private int length; // negative: not known yet
    private final int depth;
    private final @Nullable Function<Object, String> recursion;
    private int index = -1; // of the current element
    private @Nullable Object previous;
    private @Nullable Object current;
    private @Nullable Object ahead; // the next element, if it was already taken out
    private @Nullable Tuple lastChanged;

    LoopVariable(Iterator<Object> elements, int length, int depth, @Nullable Function<Object, String> recursion) {
        this.elements = elements;
        this.length = length;
        this.depth = depth;
        this.recursion = recursion;
    }

    /** Goes on to the next element, if there is one. */
    boolean advance() {
        if (!hasNext()) return false;
        previous = current;
        current = ahead;
        ahead = null;
        index++;
        return true;
    }

    Object current() {
        if (current == null) throw new IllegalStateException("the loop has not begun");
        return current;
    }

    private boolean hasNext() {
        if (ahead == null && elements.hasNext()) ahead = elements.next();
        return ahead != null;
    }

    private long length() {
        if (length < 0) {
            List<Object> rest = new ArrayList<>();
            elements.forEachRemaining(rest::add);
            elements = rest.iterator();
            length = rest.size() + index + 1 + (ahead != null ? 1 : 0);
        }
        return length;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "first" -> index == 0;
            case "last" -> !hasNext();
            case "length" -> length();
            case "revindex" -> length() - index;
            case "revindex0" -> length() - index - 1;
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> previous != null ? previous : Undefined.because("there is no previous item");
            case "nextitem" -> hasNext() && ahead != null ? ahead : Undefined.because("there is no next item");
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> null;
        };
    }

    private Object cycle(Arguments arguments, Budget budget) {
        List<Object> values = arguments.positional();
        if (!arguments.named().isEmpty()) throw PythonError.typeError("cycle() takes no keyword arguments");
        if (values.isEmpty()) throw PythonError.typeError("no items for cycling given");
        return values.get(index % values.size());
    }

    private Object changed(Arguments arguments, Budget budget) {
        if (!arguments.named().isEmpty()) throw PythonError.typeError("changed() takes no keyword arguments");
        Tuple values = new Tuple(arguments.positional());
        if (lastChanged != null && Comparison.equal(lastChanged, values, budget)) return false;
        lastChanged = values;
        return true;
    }

    @Override
    public Object call(Arguments arguments, Budget budget) {
        Object inner = arguments.bind("loop", 1, "iterable").get(0);
        if (recursion == null) {
            throw PythonError.typeError("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recursion.apply(inner);
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }

    @Override
    public String representation(Budget budget) {
        return "<LoopContext " + (index + 1) + "/" + length() + ">";
    }

    @Override
    public String representation() {
        return "<LoopContext>";
    }
}
