package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Comparison;
import java.util.List;

/** A chain like {@code a < b <= c}: true if every neighbouring pair compares so; stops at the first that does not. */
final class Comparisons extends Expression {
    private final List<Expression> operands;
    private final List<String> operators; // one less than operands

    Comparisons(List<Expression> operands, List<String> operators) {
        super(operands);
        this.operands = operands;
        this.operators = operators;
    }

    @Override
    Object evaluate(Scope scope) {
        Budget budget = scope.rendering().budget();
        Object left = operands.get(0).evaluate(scope);
        for (int i = 0; i < operators.size(); i++) {
            Object right = operands.get(i + 1).evaluate(scope);
            if (!compare(operators.get(i), left, right, budget)) return false;
            left = right;
        }
        return true;
    }

    private static boolean compare(String operator, Object left, Object right, Budget budget) {
        return switch (operator) {
            case "==" -> Comparison.equal(left, right, budget);
            case "!=" -> !Comparison.equal(left, right, budget);
            case "<" -> Comparison.less(left, right, false, budget);
            case "<=" -> Comparison.less(left, right, true, budget);
            case ">" -> Comparison.less(right, left, false, budget);
            case ">=" -> Comparison.less(right, left, true, budget);
            case "in" -> Comparison.contains(right, left, budget);
            case "not in" -> !Comparison.contains(right, left, budget);
            default -> throw new IllegalStateException(operator);
        };
    }
}
