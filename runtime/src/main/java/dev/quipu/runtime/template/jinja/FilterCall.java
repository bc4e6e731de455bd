package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.PythonError;
import org.jspecify.annotations.Nullable;

/** {@code value|name(arguments)}. */
final class FilterCall extends Expression {
    private final Expression value;
    private final String name;
    private final @Nullable Filter filter; // null: there is none of this name, which matters only if it is used
    private final ArgumentList arguments;

    FilterCall(Expression value, String name, ArgumentList arguments) {
        super(value, arguments);
        this.value = value;
        this.name = name;
        this.filter = Filters.find(name);
        this.arguments = arguments;
    }

    @Override
    Object evaluate(Scope scope) {
        if (filter == null) throw new PythonError("TemplateRuntimeError", "No filter named '" + name + "'.");
        Object input = value.evaluate(scope);
        return filter.apply(input, arguments.evaluate(scope), scope.rendering().budget());
    }
}
