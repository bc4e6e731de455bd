package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Operators;
import dev.quipu.runtime.template.python.Truth;

/** {@code not a}, {@code -a} and {@code +a}. */
final class Unary extends Expression {
    private final String operator;
    private final Expression operand;

    Unary(String operator, Expression operand) {
        super(operand);
        this.operator = operator;
        this.operand = operand;
    }

    @Override
    Object evaluate(Scope scope) {
        Object value = operand.evaluate(scope);
        return switch (operator) {
            case "not" -> !Truth.of(value);
            case "-" -> Operators.negate(value);
            default -> Operators.plus(value);
        };
    }
}
