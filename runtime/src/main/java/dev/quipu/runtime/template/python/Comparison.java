package dev.quipu.runtime.template.python;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;

/** {@code ==}, {@code <} and {@code in}. */
public final class Comparison {
    private Comparison() {}

    public static boolean equal(Object a, Object b, Budget budget) {
        if (a instanceof String x && b instanceof String y) {
            if (x.length() == y.length()) budget.scan(x.length());
            return x.equals(y);
        }
        budget.step();
        if (a == b) return !(a instanceof Double d && d.isNaN());
        if (Types.isNumber(a)) return Types.isNumber(b) && !unordered(a, b) && compareNumbers(a, b) == 0;
        if (Types.isText(a)) return Types.isText(b) && a.toString().equals(b.toString());
        return switch (a) {
            case List<?> x -> b instanceof List<?> y && equalItems(x, y, budget);
            case Tuple x -> b instanceof Tuple y && equalItems(x.items(), y.items(), budget);
            case Dict x -> b instanceof Dict y && equalDicts(x, y, budget);
            case Undefined x -> b instanceof Undefined;
            case Range x ->
                b instanceof Range y
                        && x.length() == y.length()
                        && (x.length() == 0 || x.start() == y.start() && (x.length() == 1 || x.step() == y.step()));
            case DictView x -> b instanceof DictView y && equalViews(x, y, budget);
            default -> a.equals(b);
        };
    }

    private static boolean equalItems(List<?> a, List<?> b, Budget budget) {
        if (a.size() != b.size()) return false;
        budget.descend(1);
        for (int i = 0; i < a.size(); i++) {
            if (a.get(i) != b.get(i) && !equal(a.get(i), b.get(i), budget)) return false;
        }
        budget.ascend(1);
        return true;
    }

    private static boolean equalDicts(Dict a, Dict b, Budget budget) {
        if (a.size() != b.size()) return false;
        budget.descend(1);
        Iterator<Object> values = a.values().iterator();
        for (Object key : a.keys()) {
            Object value = values.next();
            Object other = b.get(key, budget);
            if (other == null || value != other && !equal(value, other, budget)) return false;
        }
        budget.ascend(1);
        return true;
    }

    /** Keys and items compare as sets, values by identity. */
    private static boolean equalViews(DictView a, DictView b, Budget budget) {
        if (a.kind() != b.kind()
                || a.kind() == DictView.Kind.VALUES
                || a.dict().size() != b.dict().size()) return false;
        if (a.kind() == DictView.Kind.ITEMS) return equalDicts(a.dict(), b.dict(), budget);
        for (Object key : a.dict().keys()) if (b.dict().get(key, budget) == null) return false;
        return true;
    }

    /** {@code a < b}, or with {@code orEqual}, {@code a <= b}. */
    public static boolean less(Object a, Object b, boolean orEqual, Budget budget) {
        budget.step();
        if (Types.isNumber(a) && Types.isNumber(b)) {
            if (unordered(a, b)) return false;
            int order = compareNumbers(a, b);
            return order < 0 || orEqual && order == 0;
        }
        if (Types.isText(a) && Types.isText(b)) {
            String x = a.toString();
            String y = b.toString();
            budget.scan(Math.min(x.length(), y.length()));
            int order = CodePoints.compare(x, y);
            return order < 0 || orEqual && order == 0;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) return lessItems(x, y, orEqual, budget);
        if (a instanceof Tuple x && b instanceof Tuple y) return lessItems(x.items(), y.items(), orEqual, budget);
        if (a instanceof Undefined u) throw u.error();
        if (b instanceof Undefined u) throw u.error();
        throw PythonError.typeError("'" + (orEqual ? "<=" : "<") + "' not supported between instances of '"
                + Types.name(a) + "' and '" + Types.name(b) + "'");
    }

    private static boolean lessItems(List<?> a, List<?> b, boolean orEqual, Budget budget) {
        budget.descend(1);
        int n = Math.min(a.size(), b.size());
        int i = 0;
        while (i < n && (a.get(i) == b.get(i) || equal(a.get(i), b.get(i), budget))) i++;
        boolean less = i < n
                ? less(a.get(i), b.get(i), orEqual, budget)
                : a.size() < b.size() || orEqual && a.size() == b.size();
        budget.ascend(1);
        return less;
    }

    /** {@code element in container}. */
    public static boolean contains(Object container, Object element, Budget budget) {
        switch (container) {
            case String text -> {
                String part = Types.text(element, "'in <string>' requires string as left operand; it");
                budget.search(text, part);
                return text.contains(part);
            }
            case Markup markup -> {
                return contains(markup.text(), element, budget);
            }
            case Dict dict -> {
                return dict.get(element, budget) != null;
            }
            case Range range -> {
                return range.contains(element);
            }
            case DictView view
            when view.kind() == DictView.Kind.KEYS -> {
                return view.dict().get(element, budget) != null;
            }
            default -> {
                for (Iterator<Object> i = Iteration.iterator(container); i.hasNext(); ) {
                    Object candidate = i.next();
                    if (candidate == element || equal(candidate, element, budget)) return true;
                }
                return false;
            }
        }
    }

    private static boolean unordered(Object a, Object b) {
        return a instanceof Double x && x.isNaN() || b instanceof Double y && y.isNaN();
    }

    private static int compareNumbers(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) return Long.compare(x, y);
        if (a instanceof Double x && b instanceof Double y) return x < y ? -1 : x > y ? 1 : 0;
        if (a instanceof Double x && x.isInfinite()) return x > 0 ? 1 : -1;
        if (b instanceof Double y && y.isInfinite()) return y > 0 ? -1 : 1;
        return exact(a).compareTo(exact(b));
    }

    private static BigDecimal exact(Object number) {
        return number instanceof Double d ? new BigDecimal(d) : new BigDecimal(Numbers.big(number));
    }
}
