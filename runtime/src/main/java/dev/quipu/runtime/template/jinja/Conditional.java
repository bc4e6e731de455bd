package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Truth;
import dev.quipu.runtime.template.python.Undefined;
import java.util.List;
import java.util.Optional;

/** {@code value if condition else otherwise}; without the last it may be undefined. */
final class Conditional extends Expression {
    private final Expression condition;
    private final Expression value;
    private final Optional<Expression> otherwise;

    Conditional(Expression condition, Expression value, Optional<Expression> otherwise) {
        super(otherwise.isPresent() ? List.of(condition, value, otherwise.get()) : List.of(condition, value));
        this.condition = condition;
        this.value = value;
        this.otherwise = otherwise;
    }

    @Override
    Object evaluate(Scope scope) {
        if (Truth.of(condition.evaluate(scope))) return value.evaluate(scope);
        if (otherwise.isPresent()) return otherwise.get().evaluate(scope);
        return Undefined.because("the inline if-expression evaluated to false and no else section was defined.");
    }
}
