package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Tuple;
import java.util.ArrayList;
import java.util.List;

/** {@code [a, b]} or {@code (a, b)}. */
final class SequenceLiteral extends Expression {
    private final boolean tuple;
    private final List<Expression> items;

    SequenceLiteral(boolean tuple, List<Expression> items) {
        super(items);
        this.tuple = tuple;
        this.items = items;
    }

    @Override
    Object evaluate(Scope scope) {
        scope.rendering().budget().elements(items.size());
        List<Object> values = new ArrayList<>(items.size());
        for (Expression item : items) values.add(item.evaluate(scope));
        return tuple ? new Tuple(values) : values;
    }
}
