package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Bound;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.Numbers;
import dev.quipu.runtime.template.python.Operators;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Rounding;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Iterator;

/** Filters about numbers. */
final class NumberFilters {
    private NumberFilters() {}

    static Object abs(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("abs");
        return Operators.absolute(value);
    }

    static Object toInt(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("int", 0, "default", "base");
        Object fallback = bound.or(0, 0L);
        if (value instanceof Undefined undefined) throw undefined.error();
        if (Types.isText(value)) {
            budget.characters(value.toString().length());
            Object parsed = Numbers.parseInteger(value.toString(), bound.index(1, 10));
            if (parsed != null) return parsed;
            Double number = Numbers.parseFloat(value.toString());
            return number == null || number.isNaN() || number.isInfinite() ? fallback : Numbers.integral(number);
        }
        if (value instanceof Double d) return d.isNaN() ? fallback : Numbers.integral(d);
        return Types.isInteger(value) ? Operators.plus(value) : fallback;
    }

    static Object toFloat(Object value, Arguments arguments, Budget budget) {
        Object fallback = arguments.bind("float", 0, "default").or(0, 0.0);
        if (value instanceof Undefined undefined) throw undefined.error();
        if (Types.isText(value)) {
            budget.characters(value.toString().length());
            Double parsed = Numbers.parseFloat(value.toString());
            return parsed == null ? fallback : parsed;
        }
        return Types.isNumber(value) ? (Object) Numbers.toDouble(value) : fallback;
    }

    static Object round(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("round", 0, "precision", "method");
        String method = Types.text(bound.or(1, "common"), "method");
        if (value instanceof Undefined undefined) throw undefined.error();
        if (!Types.isNumber(value)) {
            throw PythonError.typeError("type " + Types.name(value) + " doesn't define __round__ method");
        }
        return switch (method) {
            case "common" -> Rounding.round(value, bound.index(0, 0));
            case "ceil", "floor" -> {
                Object scale = Operators.power(10L, bound.or(0, 0L), budget);
                Object scaled = Operators.multiply(value, scale, budget);
                Object whole = scaled instanceof Double d
                        ? Numbers.integral(method.equals("ceil") ? Math.ceil(d) : Math.floor(d))
                        : scaled;
                yield Operators.divide(whole, scale);
            }
            default -> throw PythonError.valueError("method must be common, ceil or floor");
        };
    }

    static Object sum(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("sum", 0, "attribute", "start");
        Object sum = bound.or(1, 0L);
        if (Types.isText(sum)) throw PythonError.typeError("sum() can't sum strings [use ''.join(seq) instead]");
        AttributePath path = AttributePath.of(bound.or(0, None.NONE));
        for (Iterator<Object> i = Iteration.iterator(value); i.hasNext(); ) {
            budget.step();
            sum = Operators.add(sum, path.follow(i.next(), budget), budget);
        }
        return sum;
    }

    /** As {@code 4.1 MB}, or with {@code binary} as {@code 3.9 MiB}. */
    static Object fileSize(Object value, Arguments arguments, Budget budget) {
        boolean binary = arguments.bind("filesizeformat", 0, "binary").truth(0, false);
        Object number = Types.isText(value) ? Numbers.parseFloat(value.toString()) : (Object) Numbers.toDouble(value);
        if (number == null) throw PythonError.valueError("could not convert string to float: '" + value + "'");
        double bytes = (double) number;
        int base = binary ? 1024 : 1000;
        if (bytes == 1) return "1 Byte";
        if (bytes < base) return Numbers.integral(bytes) + " Bytes";
        String letters = binary ? "KMGTPEZY" : "kMGTPEZY";
        double unit = base;
        int i = 0;
        while (true) {
            unit *= base;
            if (bytes < unit || i == letters.length() - 1) break;
            i++;
        }
        String amount = new BigDecimal(base * bytes / unit)
                .setScale(1, RoundingMode.HALF_EVEN)
                .toPlainString();
        return amount + " " + letters.charAt(i) + (binary ? "iB" : "B");
    }
}
