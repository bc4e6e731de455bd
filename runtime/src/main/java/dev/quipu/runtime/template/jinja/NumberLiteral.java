package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Numbers;
import java.math.BigInteger;

/** Numbers in templates: {@code 42}, {@code 1_000}, {@code 0xff}, {@code 0b1}, {@code 0o7}, {@code 1.5}, {@code 1e-3}. */
final class NumberLiteral {
    private static final int LONGEST = 4300; // digits, as in Python

    private NumberLiteral() {}

    /** Where the literal that starts with a digit ends. */
    static int end(String source, int from, boolean mayBeFloat) {
        if (mayBeFloat) {
            int whole = digits(source, from, 10);
            int end = whole;
            if (at(source, end) == '.' && digits(source, end + 1, 10) > end + 1) end = digits(source, end + 1, 10);
            if (at(source, end) == 'e' || at(source, end) == 'E') {
                int exponent = end + 1;
                if (at(source, exponent) == '+' || at(source, exponent) == '-') exponent++;
                if (digits(source, exponent, 10) > exponent) end = digits(source, exponent, 10);
            }
            if (end > whole) return end;
        }
        if (source.charAt(from) != '0') return digits(source, from, 10);
        int radix = radix(at(source, from + 1));
        if (radix > 0) {
            int start = at(source, from + 2) == '_' ? from + 3 : from + 2;
            int end = digits(source, start, radix);
            if (end > start) return end;
        }
        int end = from + 1;
        while (at(source, end) == '0' || at(source, end) == '_' && at(source, end + 1) == '0') end++;
        return end;
    }

    static Object value(String literal, int line) {
        String text = literal.replace("_", "");
        int radix = text.length() > 1 ? radix(text.charAt(1)) : 0;
        if (radix == 0 && (text.indexOf('.') >= 0 || text.indexOf('e') >= 0 || text.indexOf('E') >= 0)) {
            return Double.valueOf(text);
        }
        if (text.length() > LONGEST) throw new JinjaException("integer literal is too long", line);
        return Numbers.integer(radix == 0 ? new BigInteger(text) : new BigInteger(text.substring(2), radix));
    }

    private static int radix(char letter) {
        return switch (letter) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 0;
        };
    }

    /** Digits with single underscores between them. */
    private static int digits(String source, int from, int radix) {
        int i = from;
        while (digit(source, i, radix) || i > from && at(source, i) == '_' && digit(source, i + 1, radix)) i++;
        return i;
    }

    private static boolean digit(String source, int index, int radix) {
        char c = at(source, index);
        return c < 0x80 && Character.digit(c, radix) >= 0;
    }

    private static char at(String source, int index) {
        return index < source.length() ? source.charAt(index) : 0;
    }
}
