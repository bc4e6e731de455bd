package dev.quipu.runtime.template.python;

import java.math.BigInteger;
import java.util.List;

/** What type a value has. */
public final class Types {
    private Types() {}

    /** Python's name of the value's type. */
    public static String name(Object value) {
        return switch (value) {
            case String s -> "str";
            case Long n -> "int";
            case Boolean b -> "bool";
            case Dict d -> "dict";
            case List<?> l -> "list";
            case None n -> "NoneType";
            case Double d -> "float";
            case BigInteger n -> "int";
            case Tuple t -> t.names().isEmpty() ? "tuple" : "_GroupTuple";
            case Markup m -> "Markup";
            case Undefined u -> "Undefined";
            case Range r -> "range";
            case DictView v -> v.kind().typeName();
            case Generator g -> g.typeName();
            case HasAttributes a -> a.typeName();
            case Callable c -> c.typeName();
            default -> value.getClass().getSimpleName();
        };
    }

    /** The type as messages about undefined members name it. */
    static String describe(Object value) {
        return value == None.NONE ? "None" : name(value) + " object";
    }

    public static boolean isText(Object value) {
        return value instanceof String || value instanceof Markup;
    }

    public static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
    }

    public static boolean isNumber(Object value) {
        return isInteger(value) || value instanceof Double;
    }

    /** The characters of a {@code str}; fails for other types, saying who wanted it. */
    public static String text(Object value, String wantedBy) {
        if (value instanceof String s) return s;
        if (value instanceof Markup markup) return markup.text();
        throw PythonError.typeError(wantedBy + " must be str, not " + name(value));
    }

    /** A number that fits an {@code int} of Java's; fails for other types and larger numbers, saying who wanted it. */
    public static int index(Object value, String wantedBy) {
        if (value instanceof Long n && n == n.intValue()) return n.intValue();
        if (value instanceof Boolean b) return b ? 1 : 0;
        if (value instanceof Undefined u) throw u.error();
        if (isInteger(value)) throw new PythonError("OverflowError", wantedBy + " is too large");
        throw PythonError.typeError(
                "'" + name(value) + "' object cannot be interpreted as an integer (" + wantedBy + ")");
    }
}
