package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Callable;
import dev.quipu.runtime.template.python.Comparison;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.DictView;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.Markup;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.Operators;
import dev.quipu.runtime.template.python.StringKind;
import dev.quipu.runtime.template.python.Text;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import org.jspecify.annotations.Nullable;

/** The tests by name. */
final class Tests {
    private Tests() {}

    /** A test without arguments. */
    private interface Plain {
        boolean holds(Object value);
    }

    /** A test that compares with another value. */
    private interface Relation {
        boolean holds(Object value, Object other, Budget budget);
    }

    static @Nullable Test find(String name) {
        return switch (name) {
            case "defined" -> plain(name, value -> !(value instanceof Undefined));
            case "undefined" -> plain(name, value -> value instanceof Undefined);
            case "none" -> plain(name, value -> value == None.NONE);
            case "boolean" -> plain(name, value -> value instanceof Boolean);
            case "true" -> plain(name, value -> value.equals(true));
            case "false" -> plain(name, value -> value.equals(false));
            case "integer" -> plain(name, value -> Types.isInteger(value) && !(value instanceof Boolean));
            case "float" -> plain(name, value -> value instanceof Double);
            case "number" -> plain(name, Types::isNumber);
            case "string" -> plain(name, Types::isText);
            case "mapping" -> plain(name, value -> value instanceof Dict);
            case "sequence" ->
                plain(name, value -> Iteration.lengthOrNegative(value) >= 0 && !(value instanceof DictView));
            case "iterable" -> plain(name, value -> Iteration.iteratorOrNull(value) != null);
            case "callable" -> plain(name, value -> value instanceof Callable || value instanceof Undefined);
            case "escaped" -> plain(name, value -> value instanceof Markup);
            case "filter" -> plain(name, value -> Types.isText(value) && Filters.find(value.toString()) != null);
            case "test" -> plain(name, value -> Types.isText(value) && find(value.toString()) != null);
            case "lower" -> (value, arguments, budget) -> isCase(name, "islower", value, arguments, budget);
            case "upper" -> (value, arguments, budget) -> isCase(name, "isupper", value, arguments, budget);
            case "odd" -> (value, arguments, budget) -> leaves(name, value, 1L, arguments, budget);
            case "even" -> (value, arguments, budget) -> leaves(name, value, 0L, arguments, budget);
            case "divisibleby" ->
                relation(
                        name,
                        "num",
                        (value, other, budget) -> Comparison.equal(Operators.modulo(value, other, budget), 0L, budget));
            case "sameas" -> relation(name, "other", (value, other, budget) -> same(value, other));
            case "in" -> relation(name, "seq", (value, other, budget) -> Comparison.contains(other, value, budget));
            case "==", "eq", "equalto" -> relation(name, "", Comparison::equal);
            case "!=", "ne" -> relation(name, "", (value, other, budget) -> !Comparison.equal(value, other, budget));
            case "<", "lt", "lessthan" ->
                relation(name, "", (value, other, budget) -> Comparison.less(value, other, false, budget));
            case "<=", "le" ->
                relation(name, "", (value, other, budget) -> Comparison.less(value, other, true, budget));
            case ">", "gt", "greaterthan" ->
                relation(name, "", (value, other, budget) -> Comparison.less(other, value, false, budget));
            case ">=", "ge" ->
                relation(name, "", (value, other, budget) -> Comparison.less(other, value, true, budget));
            default -> null;
        };
    }

    private static Test plain(String name, Plain test) {
        return (value, arguments, budget) -> {
            arguments.bindNothing(name);
            return test.holds(value);
        };
    }

    private static Test relation(String name, String parameter, Relation test) {
        return (value, arguments, budget) ->
                test.holds(value, arguments.bind(name, 1, parameter).get(0), budget);
    }

    private static boolean isCase(String name, String method, Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing(name);
        return StringKind.is(method, Text.str(value, budget), budget);
    }

    private static boolean leaves(String name, Object value, long rest, Arguments arguments, Budget budget) {
        arguments.bindNothing(name);
        return Comparison.equal(Operators.modulo(value, 2L, budget), rest, budget);
    }

    /** Identity; numbers and strings that are equal count as the same object, as most of Python's are. */
    private static boolean same(Object value, Object other) {
        return value == other
                || value.equals(other)
                        && (value instanceof Boolean || value instanceof Long || value instanceof String);
    }
}
