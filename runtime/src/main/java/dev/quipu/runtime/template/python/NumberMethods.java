package dev.quipu.runtime.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Attributes and methods of {@code int} and {@code float}. */
final class NumberMethods {
    private NumberMethods() {}

    static @Nullable Object find(Object number, String name) {
        switch (name) {
            case "real" -> {
                return Operators.plus(number);
            }
            case "imag" -> {
                return number instanceof Double ? (Object) 0.0 : (Object) 0L;
            }
            case "conjugate" -> {
                return new BoundMethod(name, number, NumberMethods::conjugate);
            }
            case "as_integer_ratio" -> {
                return new BoundMethod(name, number, NumberMethods::ratio);
            }
            default -> {
                if (number instanceof Double) {
                    return name.equals("is_integer") ? new BoundMethod(name, number, NumberMethods::isInteger) : null;
                }
            }
        }
        return switch (name) {
            case "numerator" -> Operators.plus(number);
            case "denominator" -> 1L;
            case "bit_length" -> new BoundMethod(name, number, NumberMethods::bitLength);
            case "bit_count" -> new BoundMethod(name, number, NumberMethods::bitCount);
            default -> null;
        };
    }

    private static Object conjugate(Object number, Arguments arguments, Budget budget) {
        arguments.bindNothing("conjugate");
        return Operators.plus(number);
    }

    private static Object isInteger(Object number, Arguments arguments, Budget budget) {
        arguments.bindNothing("is_integer");
        double value = Numbers.toDouble(number);
        return value == Math.rint(value) && !Double.isInfinite(value);
    }

    private static Object bitLength(Object number, Arguments arguments, Budget budget) {
        arguments.bindNothing("bit_length");
        return (long) Numbers.big(number).abs().bitLength();
    }

    private static Object bitCount(Object number, Arguments arguments, Budget budget) {
        arguments.bindNothing("bit_count");
        return (long) Numbers.big(number).abs().bitCount();
    }

    private static Object ratio(Object number, Arguments arguments, Budget budget) {
        arguments.bindNothing("as_integer_ratio");
        if (!(number instanceof Double d)) return Tuple.of(Operators.plus(number), 1L);
        Numbers.integral(d); // fails for nan and infinity
        BigDecimal exact = new BigDecimal(d);
        BigInteger denominator = BigInteger.TEN.pow(Math.max(0, exact.scale()));
        BigInteger numerator = exact.multiply(new BigDecimal(denominator)).toBigInteger();
        BigInteger common = numerator.gcd(denominator);
        return Tuple.of(Numbers.integer(numerator.divide(common)), Numbers.integer(denominator.divide(common)));
    }
}
