package dev.quipu.runtime.template.python;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Floats in digits. All methods but {@link #repr} take the absolute value of a finite number. */
final class FloatText {
    private FloatText() {}

    /** Python's {@code repr}: the shortest digits that read back as the same number. */
    static String repr(double value) {
        if (Double.isNaN(value)) return "nan";
        if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
        if (value == Math.rint(value) && Math.abs(value) < 1e7) return Double.toString(value);
        BigDecimal shortest = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        String text;
        if (exponent >= -4 && exponent < 16) {
            text = shortest.toPlainString();
            if (shortest.scale() <= 0) text += ".0";
        } else {
            text = scientific(shortest.unscaledValue().toString(), exponent, 'e', false);
        }
        return value < 0 ? "-" + text : text;
    }

    /** Conversion {@code f}. */
    static String fixed(double value, int precision, boolean alternate) {
        String text = new BigDecimal(value)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
        return alternate && precision == 0 ? text + "." : text;
    }

    /** Conversion {@code e}. */
    static String exponent(double value, int precision, boolean alternate) {
        if (value == 0) return scientific("0".repeat(precision + 1), 0, 'e', alternate);
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        String digits = rounded.unscaledValue().toString();
        if (digits.length() <= precision) digits += "0".repeat(precision + 1 - digits.length());
        return scientific(digits, exponent, 'e', alternate);
    }

    /** Conversion {@code g}: at most {@code precision} digits, without trailing zeros. */
    static String general(double value, int precision, boolean alternate) {
        return general(value, precision, alternate, precision);
    }

    /** As {@code g}, but with an exponent already from 10^{@code limit} on. */
    static String general(double value, int precision, boolean alternate, int limit) {
        int digits = Math.max(precision, 1);
        if (value == 0) return alternate && digits > 1 ? "0." + "0".repeat(digits - 1) : "0";
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent < -4 || exponent >= Math.min(digits, Math.max(limit, 1))) {
            String all = rounded.unscaledValue().toString();
            if (!alternate) return scientific(withoutTrailingZeros(all), exponent, 'e', false);
            if (all.length() < digits) all += "0".repeat(digits - all.length());
            return scientific(all, exponent, 'e', true);
        }
        if (alternate)
            return rounded.setScale(digits - 1 - exponent, RoundingMode.UNNECESSARY)
                    .toPlainString();
        BigDecimal stripped = rounded.stripTrailingZeros();
        return stripped.toPlainString();
    }

    private static String withoutTrailingZeros(String digits) {
        int end = digits.length();
        while (end > 1 && digits.charAt(end - 1) == '0') end--;
        return digits.substring(0, end);
    }

    private static String scientific(String digits, int exponent, char letter, boolean point) {
        StringBuilder text = new StringBuilder(digits.length() + 6).append(digits.charAt(0));
        if (digits.length() > 1 || point) text.append('.').append(digits, 1, digits.length());
        text.append(letter).append(exponent < 0 ? '-' : '+');
        if (Math.abs(exponent) < 10) text.append('0');
        return text.append(Math.abs(exponent)).toString();
    }
}
