package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Callable;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code function(arguments)}. */
final class Call extends Expression {
    private final Expression function;
    private final ArgumentList arguments;
    private final int line;

    Call(Expression function, ArgumentList arguments, int line) {
        super(function, arguments);
        this.function = function;
        this.arguments = arguments;
        this.line = line;
    }

    @Override
    Object evaluate(Scope scope) {
        Object callee = function.evaluate(scope);
        return call(callee, arguments.evaluate(scope), scope);
    }

    /** The call with a block of the template as the argument {@code caller}. */
    Object evaluate(Scope scope, Callable caller) {
        Object callee = function.evaluate(scope);
        Arguments given = arguments.evaluate(scope);
        Map<String, Object> named = new LinkedHashMap<>(given.named());
        if (named.put("caller", caller) != null) {
            throw PythonError.typeError("got multiple values for keyword argument 'caller'");
        }
        return call(callee, new Arguments(given.positional(), named), scope);
    }

    private Object call(Object callee, Arguments given, Scope scope) {
        Rendering rendering = scope.rendering();
        rendering.at(line);
        if (callee instanceof Callable callable) {
            Object result = callable.call(given, rendering.budget());
            rendering.at(line);
            return result;
        }
        if (callee instanceof Undefined undefined) throw undefined.error();
        throw PythonError.typeError("'" + Types.name(callee) + "' object is not callable");
    }
}
