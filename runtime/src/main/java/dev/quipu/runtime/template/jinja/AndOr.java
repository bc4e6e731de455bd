package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Truth;
import java.util.List;

/** {@code a and b and c} or {@code a or b or c}: the first operand that decides, or the last one. */
final class AndOr extends Expression {
    private final boolean and;
    private final List<Expression> operands;

    AndOr(boolean and, List<Expression> operands) {
        super(operands);
        this.and = and;
        this.operands = operands;
    }

    @Override
    Object evaluate(Scope scope) {
        Object value = operands.get(0).evaluate(scope);
        for (int i = 1; i < operands.size() && Truth.of(value) == and; i++)
            value = operands.get(i).evaluate(scope);
        return value;
    }
}
