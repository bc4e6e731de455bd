package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.NamedValues;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The arguments of a call as written: {@code (a, b, name=c, *more, **named)}. */
final class ArgumentList extends Node {
    static final ArgumentList EMPTY = new ArgumentList(List.of(), Map.of(), Optional.empty(), Optional.empty());

    private final List<Expression> positional;
    private final Map<String, Expression> named;
    private final Optional<Expression> star;
    private final Optional<Expression> doubleStar;

    ArgumentList(
            List<Expression> positional,
            Map<String, Expression> named,
            Optional<Expression> star,
            Optional<Expression> doubleStar) {
        super(all(positional, named, star, doubleStar));
        this.positional = positional;
        this.named = named;
        this.star = star;
        this.doubleStar = doubleStar;
    }

    private static List<Expression> all(
            List<Expression> positional,
            Map<String, Expression> named,
            Optional<Expression> star,
            Optional<Expression> doubleStar) {
        List<Expression> all = new ArrayList<>(positional);
        all.addAll(named.values());
        star.ifPresent(all::add);
        doubleStar.ifPresent(all::add);
        return all;
    }

    Arguments evaluate(Scope scope) {
        if (this == EMPTY) return Arguments.NONE;
        List<Object> values = new ArrayList<>(positional.size());
        for (Expression argument : positional) values.add(argument.evaluate(scope));
        if (named.isEmpty() && star.isEmpty() && doubleStar.isEmpty()) return new Arguments(values, Map.of());
        Map<String, Object> names = LinkedHashMap.newLinkedHashMap(named.size());
        for (Map.Entry<String, Expression> argument : named.entrySet()) {
            names.put(argument.getKey(), argument.getValue().evaluate(scope));
        }
        if (star.isPresent())
            values.addAll(
                    Iteration.list(star.get().evaluate(scope), scope.rendering().budget()));
        if (doubleStar.isPresent()) {
            Object more = doubleStar.get().evaluate(scope);
            if (!(more instanceof Dict dict)) {
                throw PythonError.typeError("argument after ** must be a mapping, not " + Types.name(more));
            }
            scope.rendering().budget().elements(dict.size());
            for (Map.Entry<String, Object> argument :
                    NamedValues.of(dict, "call").entrySet()) {
                if (names.put(argument.getKey(), argument.getValue()) != null) {
                    throw PythonError.typeError("got multiple values for keyword argument '" + argument.getKey() + "'");
                }
            }
        }
        return new Arguments(values, names);
    }
}
