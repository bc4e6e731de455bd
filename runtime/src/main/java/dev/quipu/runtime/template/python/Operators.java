package dev.quipu.runtime.template.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's arithmetic operators. */
public final class Operators {
    private Operators() {}

    public static Object add(Object a, Object b, Budget budget) {
        if (a instanceof String x && b instanceof String y) {
            budget.characters((long) x.length() + y.length());
            return x.concat(y);
        }
        if (a instanceof Long x && b instanceof Long y) {
            long sum = x + y;
            return ((x ^ sum) & (y ^ sum)) < 0 ? Numbers.big(a).add(Numbers.big(b)) : (Object) sum;
        }
        if (Types.isText(a) && Types.isText(b)) {
            String x = Markup.escape(a, budget).text();
            String y = Markup.escape(b, budget).text();
            budget.characters((long) x.length() + y.length());
            return new Markup(x.concat(y));
        }
        if (a instanceof List<?> x && b instanceof List<?> y) return joined(x, y, budget);
        if (a instanceof Tuple x && b instanceof Tuple y) return new Tuple(joined(x.items(), y.items(), budget));
        if (Types.isInteger(a) && Types.isInteger(b))
            return Numbers.integer(Numbers.big(a).add(Numbers.big(b)));
        if (Types.isNumber(a) && Types.isNumber(b)) return Numbers.toDouble(a) + Numbers.toDouble(b);
        throw unsupported("+", a, b);
    }

    public static Object subtract(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            long difference = x - y;
            return ((x ^ y) & (x ^ difference)) < 0 ? Numbers.big(a).subtract(Numbers.big(b)) : (Object) difference;
        }
        if (Types.isInteger(a) && Types.isInteger(b))
            return Numbers.integer(Numbers.big(a).subtract(Numbers.big(b)));
        if (Types.isNumber(a) && Types.isNumber(b)) return Numbers.toDouble(a) - Numbers.toDouble(b);
        throw unsupported("-", a, b);
    }

    public static Object multiply(Object a, Object b, Budget budget) {
        if (Types.isInteger(a) && Types.isInteger(b)) {
            if (a instanceof Long x && b instanceof Long y && Math.multiplyHigh(x, y) == (x * y) >> 63) return x * y;
            BigInteger x = Numbers.big(a);
            BigInteger y = Numbers.big(b);
            budget.work((long) (x.bitLength() >> 6) * (y.bitLength() >> 6));
            return Numbers.integer(x.multiply(y));
        }
        if (Types.isNumber(a) && Types.isNumber(b)) return Numbers.toDouble(a) * Numbers.toDouble(b);
        if (Types.isInteger(b)) {
            if (a instanceof String s) return repeated(s, b, budget);
            if (a instanceof Markup m) return new Markup(repeated(m.text(), b, budget));
            if (a instanceof List<?> l) return repeated(l, b, budget);
            if (a instanceof Tuple t) return new Tuple(repeated(t.items(), b, budget));
        } else if (Types.isInteger(a) && (Types.isText(b) || b instanceof List<?> || b instanceof Tuple)) {
            return multiply(b, a, budget);
        }
        throw unsupported("*", a, b);
    }

    /** {@code a / b}, always a float. */
    public static Object divide(Object a, Object b) {
        if (!Types.isNumber(a) || !Types.isNumber(b)) throw unsupported("/", a, b);
        if (isZero(b)) throw division(a, b, "division by zero", "float division by zero");
        if (Types.isInteger(a) && Types.isInteger(b) && !(isExact(a) && isExact(b))) return quotient(a, b);
        return Numbers.toDouble(a) / Numbers.toDouble(b);
    }

    /** {@code a // b}, rounded down. */
    public static Object floorDivide(Object a, Object b, Budget budget) {
        if (a instanceof Long x && b instanceof Long y && y != 0 && y != -1) return Math.floorDiv(x, y);
        if (!Types.isNumber(a) || !Types.isNumber(b)) throw unsupported("//", a, b);
        if (isZero(b)) throw division(a, b, "integer division or modulo by zero", "float floor division by zero");
        if (Types.isInteger(a) && Types.isInteger(b)) return Numbers.integer(floorDivMod(a, b, budget)[0]);
        double x = Numbers.toDouble(a);
        double y = Numbers.toDouble(b);
        double mod = floatModulo(x, y);
        double quotient = (x - mod) / y;
        if (quotient == 0) return Math.copySign(0.0, x / y);
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    /** {@code a % b}: the remainder with the sign of b, or text formatting. */
    public static Object modulo(Object a, Object b, Budget budget) {
        if (a instanceof Long x && b instanceof Long y && y != 0) return Math.floorMod(x, y);
        if (a instanceof String format) return PercentFormat.format(format, b, false, budget);
        if (a instanceof Markup format) return new Markup(PercentFormat.format(format.text(), b, true, budget));
        if (!Types.isNumber(a) || !Types.isNumber(b)) throw unsupported("%", a, b);
        if (isZero(b)) throw division(a, b, "integer division or modulo by zero", "float modulo by zero");
        if (Types.isInteger(a) && Types.isInteger(b)) return Numbers.integer(floorDivMod(a, b, budget)[1]);
        return floatModulo(Numbers.toDouble(a), Numbers.toDouble(b));
    }

    public static Object power(Object a, Object b, Budget budget) {
        if (!Types.isNumber(a) || !Types.isNumber(b)) throw unsupported("**", a, b);
        if (Types.isInteger(a) && Types.isInteger(b)) {
            BigInteger base = Numbers.big(a);
            BigInteger exponent = Numbers.big(b);
            if (exponent.signum() >= 0) {
                if (base.abs().compareTo(BigInteger.ONE) > 0) {
                    if (exponent.bitLength() > 31
                            || (base.bitLength() - 1L) * exponent.longValue() > Numbers.MAX_BITS) {
                        throw new PythonError("LimitError", "integer is too large");
                    }
                    long words = (base.bitLength() * exponent.longValue() >> 6) + 1;
                    budget.work(words * words);
                    return Numbers.integer(base.pow(exponent.intValue()));
                }
                return base.signum() == 0 && exponent.signum() > 0
                        ? 0L
                        : base.signum() < 0 && exponent.testBit(0) ? -1L : 1L;
            }
        }
        double x = Numbers.toDouble(a);
        double y = Numbers.toDouble(b);
        if (x == 0 && y < 0) {
            throw new PythonError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
        }
        if (x == 1) return 1.0; // also for nan, where Java differs
        if (x == -1 && Double.isInfinite(y)) return 1.0;
        if (x < 0 && y != Math.rint(y) && !Double.isInfinite(x)) {
            throw PythonError.typeError("complex numbers are not supported");
        }
        double power = Math.pow(x, y);
        if (Double.isInfinite(power) && !Double.isInfinite(x) && !Double.isInfinite(y)) {
            throw new PythonError("OverflowError", "(34, 'Numerical result out of range')");
        }
        return power;
    }

    public static Object negate(Object value) {
        if (value instanceof Long n && n != Long.MIN_VALUE) return -n;
        if (Types.isInteger(value)) return Numbers.integer(Numbers.big(value).negate());
        if (value instanceof Double d) return -d;
        if (value instanceof Undefined u) throw u.error();
        throw PythonError.typeError("bad operand type for unary -: '" + Types.name(value) + "'");
    }

    /** Unary plus. */
    public static Object plus(Object value) {
        if (value instanceof Boolean b) return b ? 1L : 0L;
        if (Types.isNumber(value)) return value;
        if (value instanceof Undefined u) throw u.error();
        throw PythonError.typeError("bad operand type for unary +: '" + Types.name(value) + "'");
    }

    public static Object absolute(Object value) {
        if (value instanceof Double d) return Math.abs(d);
        if (Types.isInteger(value)) return Numbers.integer(Numbers.big(value).abs());
        if (value instanceof Undefined u) throw u.error();
        throw PythonError.typeError("bad operand type for abs(): '" + Types.name(value) + "'");
    }

    /** Whether a float holds the integer exactly. */
    private static boolean isExact(Object integer) {
        return !(integer instanceof BigInteger) && !(integer instanceof Long n && Math.abs(n) > 1L << 53);
    }

    /** The float nearest to the quotient of two integers that are not floats themselves. */
    private static double quotient(Object a, Object b) {
        BigDecimal quotient =
                new BigDecimal(Numbers.big(a)).divide(new BigDecimal(Numbers.big(b)), MathContext.DECIMAL128);
        double value = quotient.doubleValue();
        if (Double.isInfinite(value)) {
            throw new PythonError("OverflowError", "integer division result too large for a float");
        }
        return value;
    }

    private static boolean isZero(Object number) {
        return number instanceof Double d ? d == 0 : !Truth.of(number);
    }

    private static PythonError division(Object a, Object b, String ofIntegers, String ofFloats) {
        boolean floats = a instanceof Double || b instanceof Double;
        return new PythonError("ZeroDivisionError", floats ? ofFloats : ofIntegers);
    }

    private static BigInteger[] floorDivMod(Object a, Object b, Budget budget) {
        BigInteger x = Numbers.big(a);
        BigInteger y = Numbers.big(b);
        budget.work((long) (x.bitLength() >> 6) * (y.bitLength() >> 6));
        BigInteger[] result = x.divideAndRemainder(y);
        if (result[1].signum() != 0 && result[1].signum() != y.signum()) {
            result[0] = result[0].subtract(BigInteger.ONE);
            result[1] = result[1].add(y);
        }
        return result;
    }

    private static double floatModulo(double x, double y) {
        double mod = x % y;
        if (mod == 0) return Math.copySign(0.0, y);
        return (mod < 0) != (y < 0) ? mod + y : mod;
    }

    private static List<Object> joined(List<?> a, List<?> b, Budget budget) {
        budget.elements((long) a.size() + b.size());
        List<Object> list = new ArrayList<>(a.size() + b.size());
        list.addAll(a);
        list.addAll(b);
        return list;
    }

    private static String repeated(String text, Object times, Budget budget) {
        int n = Math.max(0, Types.index(times, "repetition count"));
        budget.characters((long) text.length() * n);
        return text.repeat(n);
    }

    private static List<Object> repeated(List<?> items, Object times, Budget budget) {
        int n = Math.max(0, Types.index(times, "repetition count"));
        budget.elements((long) items.size() * n);
        List<Object> list = new ArrayList<>(items.size() * n);
        for (List<?> part : Collections.nCopies(n, items)) list.addAll(part);
        return list;
    }

    private static PythonError unsupported(String operator, Object a, Object b) {
        if (a instanceof Undefined u) return u.error();
        if (b instanceof Undefined u) return u.error();
        return PythonError.typeError("unsupported operand type(s) for " + operator + ": '" + Types.name(a) + "' and '"
                + Types.name(b) + "'");
    }
}
