package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.PythonError;
import org.jspecify.annotations.Nullable;

/** {@code value is name(arguments)}. */
final class TestCall extends Expression {
    private final Expression value;
    private final String name;
    private final @Nullable Test test; // null: there is none of this name, which matters only if it is used
    private final ArgumentList arguments;

    TestCall(Expression value, String name, ArgumentList arguments) {
        super(value, arguments);
        this.value = value;
        this.name = name;
        this.test = Tests.find(name);
        this.arguments = arguments;
    }

    @Override
    Object evaluate(Scope scope) {
        if (test == null) throw new PythonError("TemplateRuntimeError", "No test named '" + name + "'.");
        Object input = value.evaluate(scope);
        return test.holds(input, arguments.evaluate(scope), scope.rendering().budget());
    }
}
