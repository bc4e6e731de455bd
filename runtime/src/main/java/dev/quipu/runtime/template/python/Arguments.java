package dev.quipu.runtime.template.python;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of one call. */
public record Arguments(List<Object> positional, Map<String, Object> named) {
    public static final Arguments NONE = new Arguments(List.of(), Map.of());

    public static Arguments of(Object... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    /**
     * The arguments in the order of the function's parameters; null stands for one that was left out.
     *
     * @param required how many of the parameters, from the first, have no default
     * @param parameters their names; the empty name is a parameter that cannot be named
     */
    public Bound bind(String function, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw PythonError.typeError(function + "() takes at most " + parameters.length + " arguments ("
                    + positional.size() + " given)");
        }
        @Nullable Object[] bound = new @Nullable Object[parameters.length];
        for (int i = 0; i < positional.size(); i++) bound[i] = positional.get(i);
        if (!named.isEmpty()) {
            for (Map.Entry<String, Object> argument : named.entrySet()) {
                int i = 0;
                while (i < parameters.length && !(parameters[i].equals(argument.getKey()) && !parameters[i].isEmpty()))
                    i++;
                if (i == parameters.length) {
                    throw PythonError.typeError(
                            function + "() got an unexpected keyword argument '" + argument.getKey() + "'");
                }
                if (bound[i] != null) {
                    throw PythonError.typeError(
                            function + "() got multiple values for argument '" + argument.getKey() + "'");
                }
                bound[i] = argument.getValue();
            }
        }
        for (int i = 0; i < required; i++) {
            if (bound[i] == null) {
                throw PythonError.typeError(function + "() missing a required argument"
                        + (parameters[i].isEmpty() ? "" : ": '" + parameters[i] + "'"));
            }
        }
        return new Bound(bound);
    }

    /** Fails if there is any argument. */
    public void bindNothing(String function) {
        bind(function, 0);
    }

    /** At most one positional argument; named ones may be any. */
    public List<Object> bindOptional(String function) {
        if (positional.size() > 1) {
            throw PythonError.typeError(function + " expected at most 1 argument, got " + positional.size());
        }
        return positional;
    }

    /** The arguments without the first {@code count} positional ones. */
    public Arguments from(int count) {
        return new Arguments(positional.subList(Math.min(count, positional.size()), positional.size()), named);
    }
}
