package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Callable;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.HasAttributes;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Tuple;
import dev.quipu.runtime.template.python.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A macro, or the block of a {@code call}: called, it runs its body and returns what that wrote. */
final class Macro implements Callable, HasAttributes {
    private final String name; // empty for the block of a call
    private final MacroSignature signature;
    private final Body body;
    private final Scope definition;

    Macro(String name, MacroSignature signature, Body body, Scope definition) {
        this.name = name;
        this.signature = signature;
        this.body = body;
        this.definition = definition;
    }

    @Override
    public Object call(Arguments arguments, Budget budget) {
        List<String> parameters = signature.parameters();
        List<Object> positional = arguments.positional();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        Scope scope = new Scope(definition);
        // Set first, so that a default does not see a variable of the same name outside.
        for (String parameter : parameters) {
            scope.set(parameter, Undefined.because("parameter '" + parameter + "' was not provided"));
        }
        List<Integer> missing = new ArrayList<>();
        boolean foundCaller = positional.size() >= parameters.size() && parameters.contains("caller");
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            if (i < positional.size()) {
                scope.set(parameter, positional.get(i));
                continue;
            }
            foundCaller |= parameter.equals("caller");
            Object value = named.remove(parameter);
            if (value != null) scope.set(parameter, value);
            else missing.add(i);
        }
        if (signature.usesCaller() && !foundCaller) {
            Object caller = named.remove("caller");
            scope.set("caller", caller != null ? caller : Undefined.because("No caller defined"));
        }
        if (signature.usesNamed()) scope.set("kwargs", dict(named));
        else if (!named.isEmpty()) throw unexpected(named);
        if (signature.usesPositional()) {
            int extra = Math.min(parameters.size(), positional.size());
            scope.set("varargs", new Tuple(positional.subList(extra, positional.size())));
        } else if (positional.size() > parameters.size()) {
            throw PythonError.typeError(
                    "macro '" + name + "' takes not more than " + parameters.size() + " argument(s)");
        }
        return run(scope, missing, budget);
    }

    private String run(Scope scope, List<Integer> missing, Budget budget) {
        Rendering rendering = scope.rendering();
        int levels = body.height() + 1;
        budget.descend(levels);
        StringBuilder outer = rendering.beginCapture();
        int firstDefault = signature.parameters().size() - signature.defaults().size();
        for (int parameter : missing) {
            if (parameter < firstDefault) continue;
            Expression value = signature.defaults().get(parameter - firstDefault);
            budget.work(value.size());
            budget.descend(value.height());
            scope.set(signature.parameters().get(parameter), value.evaluate(scope));
            budget.ascend(value.height());
        }
        body.run(scope);
        budget.ascend(levels);
        return rendering.endCapture(outer);
    }

    private static Dict dict(Map<String, Object> named) {
        Dict dict = new Dict(named.size());
        named.forEach(dict::put);
        return dict;
    }

    private PythonError unexpected(Map<String, Object> named) {
        return PythonError.typeError(
                named.containsKey("caller")
                        ? "macro '" + name + "' was invoked with two values for the special caller argument."
                                + " This is most likely a bug."
                        : "macro '" + name + "' takes no keyword argument '"
                                + named.keySet().iterator().next() + "'");
    }

    @Override
    public @Nullable Object attribute(String attribute) {
        return switch (attribute) {
            case "name" -> name;
            case "arguments" -> new ArrayList<Object>(signature.parameters());
            case "catch_kwargs" -> signature.usesNamed();
            case "catch_varargs" -> signature.usesPositional();
            case "caller" -> signature.usesCaller();
            default -> null;
        };
    }

    @Override
    public String typeName() {
        return "Macro";
    }

    @Override
    public String representation() {
        return name.isEmpty() ? "<Macro anonymous>" : "<Macro '" + name + "'>";
    }

    @Override
    public String representation(Budget budget) {
        return representation();
    }
}
