package dev.quipu.runtime.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Python's {@code int}, {@code float} and {@code bool} as numbers. */
public final class Numbers {
    /** Longest integer in bits; Python has no limit, but also no render budget. */
    static final int MAX_BITS = 1 << 17;

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private Numbers() {}

    /** The integer in its one form: {@code Long} if it fits. */
    public static Object integer(BigInteger value) {
        if (value.bitLength() < 64) return value.longValue();
        if (value.bitLength() > MAX_BITS) throw new PythonError("LimitError", "integer is too large");
        return value;
    }

    static BigInteger big(Object integer) {
        if (integer instanceof Long n) return BigInteger.valueOf(n);
        if (integer instanceof BigInteger n) return n;
        if (integer instanceof Boolean b) return b ? BigInteger.ONE : BigInteger.ZERO;
        throw PythonError.typeError("an integer is required, not '" + Types.name(integer) + "'");
    }

    /** The whole number that a float holds, fraction cut off. */
    public static Object integral(double value) {
        if (Double.isNaN(value)) throw PythonError.valueError("cannot convert float NaN to integer");
        if (Double.isInfinite(value))
            throw new PythonError("OverflowError", "cannot convert float infinity to integer");
        if (Math.abs(value) < 0x1p63) return (long) value;
        return integer(new BigDecimal(value).toBigInteger());
    }

    /** Any number as a float. */
    public static double toDouble(Object number) {
        if (number instanceof Double d) return d;
        if (number instanceof Long n) return n;
        if (number instanceof Boolean b) return b ? 1 : 0;
        if (number instanceof BigInteger n) {
            double d = n.doubleValue();
            if (Double.isInfinite(d)) throw new PythonError("OverflowError", "int too large to convert to float");
            return d;
        }
        if (number instanceof Undefined u) throw u.error();
        throw PythonError.typeError("must be real number, not " + Types.name(number));
    }

    /** Python's {@code int(text, base)}, or null if the text is no integer. */
    public static @Nullable Object parseInteger(String text, int base) {
        String digits = CharacterTypes.strip(text);
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) digits = digits.substring(1);
        boolean prefixed = false;
        if (digits.length() > 1 && digits.charAt(0) == '0') {
            int named =
                    switch (digits.charAt(1)) {
                        case 'x', 'X' -> 16;
                        case 'o', 'O' -> 8;
                        case 'b', 'B' -> 2;
                        default -> 0;
                    };
            if (named != 0 && (base == 0 || base == named)) {
                prefixed = true;
                base = named;
                digits = digits.substring(2);
            }
        }
        String plain = withoutUnderscores(digits, prefixed);
        if (plain == null) return null;
        if (base == 0) {
            base = 10;
            if (plain.length() > 1 && plain.charAt(0) == '0' && !plain.chars().allMatch(c -> c == '0')) return null;
        }
        if (base < 2 || base > 36) return null;
        for (int i = 0; i < plain.length(); i++) if (Character.digit(plain.charAt(i), base) < 0) return null;
        if (plain.length() > Text.MAX_DIGITS && Integer.bitCount(base) != 1) return null;
        if (plain.length() > MAX_BITS / 4) throw new PythonError("LimitError", "integer is too large");
        BigInteger value = new BigInteger(plain, base);
        return integer(negative ? value.negate() : value);
    }

    /** Python's {@code float(text)}, or null if the text is no number. */
    public static @Nullable Double parseFloat(String text) {
        String stripped = CharacterTypes.strip(text);
        String plain = withoutUnderscores(stripped, false);
        if (plain == null) return null;
        int i = plain.startsWith("-") || plain.startsWith("+") ? 1 : 0;
        String word = plain.substring(i).toLowerCase(java.util.Locale.ROOT);
        double sign = plain.startsWith("-") ? -1 : 1;
        if (word.equals("inf") || word.equals("infinity")) return sign * Double.POSITIVE_INFINITY;
        if (word.equals("nan")) return Double.NaN;
        int whole = digitsFrom(word, 0);
        int end = whole;
        int digits = whole;
        if (end < word.length() && word.charAt(end) == '.') {
            end = digitsFrom(word, end + 1);
            digits = end - 1;
        }
        if (digits == 0) return null;
        if (end < word.length() && word.charAt(end) == 'e') {
            int from = end + 1;
            if (from < word.length() && (word.charAt(from) == '+' || word.charAt(from) == '-')) from++;
            end = digitsFrom(word, from);
            if (end == from) return null;
        }
        return end == word.length() ? sign * Double.parseDouble(word) : null;
    }

    private static int digitsFrom(String text, int from) {
        int i = from;
        while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') i++;
        return i;
    }

    /** Underscores may stand between digits (and after a base prefix) only. Null if the text is empty or one stands elsewhere. */
    private static @Nullable String withoutUnderscores(String text, boolean prefixed) {
        if (text.isEmpty()) return null;
        if (text.indexOf('_') < 0) return text;
        StringBuilder plain = new StringBuilder(text.length());
        boolean afterDigit = prefixed;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '_') {
                if (!afterDigit || i + 1 == text.length() || !Character.isLetterOrDigit(text.charAt(i + 1)))
                    return null;
                afterDigit = false;
            } else {
                afterDigit = Character.isLetterOrDigit(c);
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
