package dev.quipu.runtime.template.python;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Python's {@code round}. */
public final class Rounding {
    private Rounding() {}

    /** {@code round(number, digits)}: to the even neighbour where both are equally near; integers stay integers. */
    public static Object round(Object number, int digits) {
        if (Types.isInteger(number)) {
            if (digits >= 0) return Operators.plus(number);
            if (digits < -5000) return 0L;
            BigDecimal rounded = new BigDecimal(Numbers.big(number)).setScale(digits, RoundingMode.HALF_EVEN);
            return Numbers.integer(rounded.toBigInteger());
        }
        double value = Numbers.toDouble(number);
        if (Double.isNaN(value) || Double.isInfinite(value) || digits > 330) return value;
        if (digits < -330) return Math.copySign(0.0, value);
        double rounded =
                new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
        if (Double.isInfinite(rounded)) throw new PythonError("OverflowError", "rounded value too large to represent");
        return Math.copySign(rounded, value);
    }
}
