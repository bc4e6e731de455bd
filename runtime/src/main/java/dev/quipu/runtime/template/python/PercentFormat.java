package dev.quipu.runtime.template.python;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;

/** Python's {@code format % values}. */
final class PercentFormat {
    private final String format;
    private final boolean escape;
    private final Budget budget;
    private final Object values;
    private final boolean mapping;
    private int at; // in the format
    private int next; // value

    private PercentFormat(String format, Object values, boolean escape, Budget budget) {
        this.format = format;
        this.values = values;
        this.mapping = values instanceof Dict || values instanceof List<?> || values instanceof Range;
        this.escape = escape;
        this.budget = budget;
    }

    static String format(String format, Object values, boolean escape, Budget budget) {
        if (values instanceof Undefined u) throw u.error();
        return new PercentFormat(format, values, escape, budget).run();
    }

    private String run() {
        budget.characters(format.length());
        StringBuilder out = new StringBuilder(format.length() + 16);
        while (at < format.length()) {
            char c = format.charAt(at++);
            if (c == '%') conversion(out);
            else out.append(c);
        }
        int given = values instanceof Tuple tuple ? tuple.items().size() : 1;
        if (next < given && !mapping)
            throw PythonError.typeError("not all arguments converted during string formatting");
        return out.toString();
    }

    private void conversion(StringBuilder out) {
        Object value = null;
        if (peek() == '(') {
            int from = ++at;
            int open = 1;
            while (true) {
                char c = peek();
                if (c == '(') open++;
                else if (c == ')' && --open == 0) break;
                at++;
            }
            if (!mapping) throw PythonError.typeError("format requires a mapping");
            if (!(values instanceof Dict dict))
                throw PythonError.typeError("list indices must be integers or slices, not str");
            String key = format.substring(from, at++);
            value = dict.get(key);
            if (value == null) throw new PythonError("KeyError", Text.repr(key, budget));
        }
        boolean left = false;
        boolean zero = false;
        boolean alternate = false;
        String plus = "";
        for (; "-+ #0".indexOf(peek()) >= 0; at++) {
            switch (format.charAt(at)) {
                case '-' -> left = true;
                case '+' -> plus = "+";
                case ' ' -> plus = plus.isEmpty() ? " " : plus;
                case '#' -> alternate = true;
                default -> zero = true;
            }
        }
        int width = number();
        if (width < 0) {
            left = true;
            width = -width;
        }
        int precision = -1;
        if (peek() == '.') {
            at++;
            precision = Math.max(0, number());
        }
        while ("hlL".indexOf(peek()) >= 0) at++;
        char type = format.charAt(at++);
        if (type == '%') {
            out.append('%');
            return;
        }
        if (value == null) value = next();
        budget.characters((long) width + Math.max(precision, 0));
        String sign = "";
        String body;
        switch (type) {
            case 's', 'r', 'a' -> {
                body = switch (type) {
                    case 's' -> escape ? Markup.escape(value, budget).text() : Text.str(value, budget);
                    case 'r' -> Text.repr(value, budget);
                    default -> Text.ascii(value, budget);
                };
                if (escape && type != 's') body = Markup.escape(body, budget).text();
                if (precision >= 0 && precision < CodePoints.length(body))
                    body = CodePoints.substring(body, 0, precision);
                zero = false;
            }
            case 'c' -> {
                body = character(value);
                zero = false;
            }
            case 'd', 'i', 'u', 'x', 'X', 'o' -> {
                BigInteger number = integer(value, type);
                sign = number.signum() < 0 ? "-" : plus;
                number = number.abs();
                body = switch (type) {
                    case 'x' -> number.toString(16);
                    case 'X' -> number.toString(16).toUpperCase(Locale.ROOT);
                    case 'o' -> number.toString(8);
                    default -> Text.decimal(number, budget);
                };
                if (body.length() < precision) body = "0".repeat(precision - body.length()) + body;
                if (alternate && "xXo".indexOf(type) >= 0) sign += "0" + type;
            }
            case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                double number = real(value);
                sign = number < 0 || number == 0 && 1 / number < 0 ? "-" : plus;
                body = real(Math.abs(number), precision < 0 ? 6 : precision, type, alternate);
            }
            default ->
                throw PythonError.valueError("unsupported format character '" + type + "' (0x"
                        + Integer.toHexString(type) + ") at index " + (at - 1));
        }
        int missing = width - CodePoints.length(sign) - CodePoints.length(body);
        budget.characters(sign.length() + body.length());
        if (missing > 0 && !left && !zero) out.repeat(' ', missing);
        out.append(sign);
        if (missing > 0 && !left && zero) out.repeat('0', missing);
        out.append(body);
        if (missing > 0 && left) out.repeat(' ', missing);
    }

    private static String real(double magnitude, int precision, char type, boolean alternate) {
        String text;
        if (Double.isNaN(magnitude)) {
            text = "nan";
        } else if (Double.isInfinite(magnitude)) {
            text = "inf";
        } else {
            text = switch (type) {
                case 'f', 'F' -> FloatText.fixed(magnitude, precision, alternate);
                case 'e', 'E' -> FloatText.exponent(magnitude, precision, alternate);
                default -> FloatText.general(magnitude, precision, alternate);
            };
        }
        return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }

    private double real(Object value) {
        if (Types.isText(value)) throw PythonError.typeError("must be real number, not " + Types.name(value));
        return Numbers.toDouble(value);
    }

    private static BigInteger integer(Object value, char type) {
        if (value instanceof Undefined u) throw u.error();
        if (value instanceof Double d && "diu".indexOf(type) >= 0) return Numbers.big(Numbers.integral(d));
        if (!Types.isInteger(value)) {
            throw PythonError.typeError(
                    "%" + type + " format: " + ("diu".indexOf(type) >= 0 ? "a real number" : "an integer")
                            + " is required, not " + Types.name(value));
        }
        return Numbers.big(value);
    }

    private static String character(Object value) {
        if (Types.isText(value) && CodePoints.length(value.toString()) == 1) return value.toString();
        if (!Types.isInteger(value)) throw PythonError.typeError("%c requires int or char");
        BigInteger code = Numbers.big(value);
        if (code.signum() < 0 || code.bitLength() > 21 || code.intValue() > Character.MAX_CODE_POINT) {
            throw new PythonError("OverflowError", "%c arg not in range(0x110000)");
        }
        return Character.toString(code.intValue());
    }

    private Object next() {
        if (values instanceof Tuple tuple) {
            if (next < tuple.items().size()) return tuple.items().get(next++);
        } else if (next == 0) {
            next++;
            return values;
        }
        throw PythonError.typeError("not enough arguments for format string");
    }

    private char peek() {
        if (at >= format.length()) throw PythonError.valueError("incomplete format");
        return format.charAt(at);
    }

    /** A width or precision, 0 if there is none. */
    private int number() {
        if (peek() == '*') {
            at++;
            return Types.index(next(), "* in format");
        }
        int from = at;
        while (peek() >= '0' && peek() <= '9') at++;
        if (at - from > 9) throw PythonError.valueError("width too big");
        return at == from ? 0 : Integer.parseInt(format, from, at, 10);
    }
}
