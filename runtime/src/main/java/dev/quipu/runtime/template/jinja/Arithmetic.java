package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Operators;

/** {@code left operator right} with {@code + - * / // % **}. */
final class Arithmetic extends Expression {
    private final String operator;
    private final Expression left;
    private final Expression right;

    Arithmetic(String operator, Expression left, Expression right) {
        super(left, right);
        this.operator = operator;
        this.left = left;
        this.right = right;
    }

    @Override
    Object evaluate(Scope scope) {
        Object a = left.evaluate(scope);
        Object b = right.evaluate(scope);
        Budget budget = scope.rendering().budget();
        return switch (operator) {
            case "+" -> Operators.add(a, b, budget);
            case "-" -> Operators.subtract(a, b);
            case "*" -> Operators.multiply(a, b, budget);
            case "/" -> Operators.divide(a, b);
            case "//" -> Operators.floorDivide(a, b, budget);
            case "%" -> Operators.modulo(a, b, budget);
            case "**" -> Operators.power(a, b, budget);
            default -> throw new IllegalStateException(operator);
        };
    }
}
