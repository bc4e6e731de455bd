package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Text;
import java.util.List;

/** {@code a ~ b ~ c}: the texts of the values, joined. */
final class Concatenation extends Expression {
    private final List<Expression> parts;

    Concatenation(List<Expression> parts) {
        super(parts);
        this.parts = parts;
    }

    @Override
    Object evaluate(Scope scope) {
        Budget budget = scope.rendering().budget();
        StringBuilder out = new StringBuilder();
        for (Expression part : parts) {
            String text = Text.str(part.evaluate(scope), budget);
            budget.characters(text.length());
            out.append(text);
        }
        return out.toString();
    }
}
