package dev.quipu.runtime.template.python;

import java.math.BigInteger;

/**
 * Python's format specification mini-language, {@code [[fill]align][sign][z][#][0][width][grouping][.precision][type]},
 * as in {@code '{:>10.2f}'}.
 */
final class FormatSpec {
    private String fill = " ";
    private char align; // 0: as the type likes it
    private char sign = '-';
    private boolean alternate;
    private int width;
    private char grouping; // 0, ',' or '_'
    private int precision = -1;
    private char type; // 0: none given

    static String format(Object value, String spec, Budget budget) {
        if (spec.isEmpty()) return Text.str(value, budget);
        if (value instanceof Boolean b && !spec.isEmpty()) {
            FormatSpec parsed = parse(spec, value);
            return parsed.type == 0
                    ? parsed.text(b ? "True" : "False", '<', budget)
                    : parsed.integer(b ? 1L : 0L, budget);
        }
        if (Types.isInteger(value)) return parse(spec, value).integer(value, budget);
        if (value instanceof Double d) return parse(spec, value).real(d, budget);
        if (Types.isText(value)) {
            FormatSpec parsed = parse(spec, value);
            if (parsed.type != 0 && parsed.type != 's') throw parsed.unknownType(value);
            if (parsed.align == '=' || parsed.sign != '-' || parsed.grouping != 0 || parsed.alternate) {
                throw PythonError.valueError("not allowed in string format specifier");
            }
            return parsed.text(value.toString(), '<', budget);
        }
        throw PythonError.typeError("unsupported format string passed to " + Types.name(value) + ".__format__");
    }

    private static FormatSpec parse(String spec, Object value) {
        FormatSpec parsed = new FormatSpec();
        int i = 0;
        int n = spec.length();
        int first = n == 0 ? 0 : Character.charCount(spec.codePointAt(0));
        boolean filled = false;
        if (first < n && "<>=^".indexOf(spec.charAt(first)) >= 0) {
            parsed.fill = spec.substring(0, first);
            parsed.align = spec.charAt(first);
            filled = true;
            i = first + 1;
        } else if (n > 0 && "<>=^".indexOf(spec.charAt(0)) >= 0) {
            parsed.align = spec.charAt(0);
            i = 1;
        }
        if (i < n && "+- ".indexOf(spec.charAt(i)) >= 0) parsed.sign = spec.charAt(i++);
        if (i < n && spec.charAt(i) == 'z') i++;
        if (i < n && spec.charAt(i) == '#') {
            parsed.alternate = true;
            i++;
        }
        if (!filled && i < n && spec.charAt(i) == '0') {
            parsed.fill = "0";
            if (parsed.align == 0 && !Types.isText(value)) parsed.align = '=';
            i++;
        }
        int end = digits(spec, i);
        if (end > i) parsed.width = number(spec, i, end);
        i = end;
        if (i < n && (spec.charAt(i) == ',' || spec.charAt(i) == '_')) parsed.grouping = spec.charAt(i++);
        if (i < n && spec.charAt(i) == '.') {
            end = digits(spec, i + 1);
            if (end == i + 1) throw PythonError.valueError("Format specifier missing precision");
            parsed.precision = number(spec, i + 1, end);
            i = end;
        }
        if (i < n) parsed.type = spec.charAt(i++);
        if (i < n) {
            throw PythonError.valueError(
                    "Invalid format specifier '" + spec + "' for object of type '" + Types.name(value) + "'");
        }
        return parsed;
    }

    private static int digits(String spec, int from) {
        int i = from;
        while (i < spec.length() && spec.charAt(i) >= '0' && spec.charAt(i) <= '9') i++;
        return i;
    }

    private static int number(String spec, int from, int to) {
        if (to - from > 9) throw PythonError.valueError("Too many decimal digits in format string");
        return Integer.parseInt(spec, from, to, 10);
    }

    private String text(String text, char defaultAlign, Budget budget) {
        if (precision >= 0 && precision < CodePoints.length(text)) text = CodePoints.substring(text, 0, precision);
        return padded("", text, defaultAlign, budget);
    }

    private String integer(Object value, Budget budget) {
        if (precision >= 0 && "eEfFgG%".indexOf(type) < 0) {
            throw PythonError.valueError("Precision not allowed in integer format specifier");
        }
        BigInteger number = Numbers.big(value);
        String digits;
        String prefix = "";
        switch (type) {
            case 0, 'd', 'n' -> digits = Text.decimal(number.abs(), budget);
            case 'x' -> {
                digits = number.abs().toString(16);
                prefix = "0x";
            }
            case 'X' -> {
                digits = number.abs().toString(16).toUpperCase(java.util.Locale.ROOT);
                prefix = "0X";
            }
            case 'o' -> {
                digits = number.abs().toString(8);
                prefix = "0o";
            }
            case 'b' -> {
                digits = number.abs().toString(2);
                prefix = "0b";
            }
            case 'c' -> {
                if (number.signum() < 0 || number.bitLength() > 21 || number.intValue() > Character.MAX_CODE_POINT) {
                    throw new PythonError("OverflowError", "%c arg not in range(0x110000)");
                }
                return padded("", Character.toString(number.intValue()), '<', budget);
            }
            case 'e', 'E', 'f', 'F', 'g', 'G', '%' -> {
                return real(Numbers.toDouble(value), budget);
            }
            default -> throw unknownType(value);
        }
        String head = sign(number.signum() < 0) + (alternate ? prefix : "");
        return padded(
                head, grouped(digits, type == 0 || type == 'd' || type == 'n' ? 3 : 4, head.length()), '>', budget);
    }

    private String real(double value, Budget budget) {
        boolean negative = value < 0 || value == 0 && 1 / value < 0;
        double magnitude = Math.abs(value);
        boolean upper = type == 'E' || type == 'F' || type == 'G';
        int digits = precision < 0 ? 6 : precision;
        budget.characters(digits);
        String text;
        if (Double.isNaN(value)) {
            text = "nan";
        } else if (Double.isInfinite(value)) {
            text = "inf";
        } else {
            text = switch (type) {
                case 'f', 'F' -> FloatText.fixed(magnitude, digits, alternate);
                case 'e', 'E' -> FloatText.exponent(magnitude, digits, alternate);
                case 'g', 'G', 'n' -> FloatText.general(magnitude, digits, alternate);
                case '%' -> FloatText.fixed(magnitude * 100, digits, alternate);
                case 0 -> plain(magnitude);
                default -> throw unknownType(value);
            };
        }
        if (type == '%') text += "%";
        if (upper) text = text.toUpperCase(java.util.Locale.ROOT);
        String head = sign(negative);
        return padded(head, grouped(text, 3, head.length()), '>', budget);
    }

    /** Without a type: as repr, or with a precision as {@code g} with at least one digit after the point. */
    private String plain(double magnitude) {
        if (precision < 0) return FloatText.repr(magnitude);
        String text = FloatText.general(magnitude, precision, alternate, precision - 1);
        return text.indexOf('.') < 0 && text.indexOf('e') < 0 ? text + ".0" : text;
    }

    private String sign(boolean negative) {
        return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
    }

    /** The digits before the point in groups; with zeros as padding, the zeros are grouped too. */
    private String grouped(String text, int size, int headLength) {
        if (grouping == 0) return text;
        int whole = 0;
        while (whole < text.length() && Character.isLetterOrDigit(text.charAt(whole)) && text.charAt(whole) != 'e')
            whole++;
        if (whole == 0 || !Character.isDigit(text.charAt(0)) && size == 3) return text;
        int rest = text.length() - whole;
        String digits = text.substring(0, whole);
        if (align == '=' && fill.equals("0")) {
            int room = width - headLength - rest;
            while (digits.length() + (digits.length() - 1) / size < room) {
                int next = digits.length() + 1;
                if (next + (next - 1) / size > room && digits.length() + (digits.length() - 1) / size >= room) break;
                digits = "0" + digits;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < digits.length(); i++) {
            if (i > 0 && (digits.length() - i) % size == 0) out.append(grouping);
            out.append(digits.charAt(i));
        }
        return out.append(text, whole, text.length()).toString();
    }

    private String padded(String head, String body, char defaultAlign, Budget budget) {
        int missing = width - CodePoints.length(head) - CodePoints.length(body);
        if (missing <= 0) return head + body;
        budget.characters(width);
        return switch (align == 0 ? defaultAlign : align) {
            case '<' -> head + body + fill.repeat(missing);
            case '^' -> fill.repeat(missing / 2) + head + body + fill.repeat(missing - missing / 2);
            case '=' -> head + fill.repeat(missing) + body;
            default -> fill.repeat(missing) + head + body;
        };
    }

    private PythonError unknownType(Object value) {
        return PythonError.valueError(
                "Unknown format code '" + type + "' for object of type '" + Types.name(value) + "'");
    }
}
