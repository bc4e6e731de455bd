package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Callable;
import dev.quipu.runtime.template.python.HasAttributes;
import dev.quipu.runtime.template.python.None;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code cycler(a, b)}: gives its values in turn. */
final class Cycler implements HasAttributes {
    private final List<Object> items;
    private int position;

    Cycler(List<Object> items) {
        this.items = items;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "current" -> items.get(position);
            case "pos" -> (long) position;
            case "next" -> (Callable) this::next;
            case "reset" -> (Callable) this::reset;
            default -> null;
        };
    }

    private Object next(Arguments arguments, Budget budget) {
        arguments.bindNothing("next");
        Object item = items.get(position);
        position = (position + 1) % items.size();
        return item;
    }

    private Object reset(Arguments arguments, Budget budget) {
        arguments.bindNothing("reset");
        position = 0;
        return None.NONE;
    }

    @Override
    public String typeName() {
        return "Cycler";
    }

    @Override
    public String representation(Budget budget) {
        return "<Cycler>";
    }
}
