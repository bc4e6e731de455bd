package dev.quipu.runtime.template.python;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's {@code sorted}: stable, and content with an order that is none, as the one of {@code nan}. */
public final class Sorting {
    private record Keyed(Object key, Object value) {}

    private Sorting() {}

    /** The values in the order of their keys; with {@code reverse} descending, equal ones still in their first order. */
    public static List<Object> sorted(List<?> values, UnaryOperator<Object> key, boolean reverse, Budget budget) {
        budget.elements(values.size());
        Keyed[] sorted = new Keyed[values.size()];
        for (int i = 0; i < sorted.length; i++) sorted[i] = new Keyed(key.apply(values.get(i)), values.get(i));
        sort(sorted, new Keyed[sorted.length], 0, sorted.length, reverse, budget);
        List<Object> list = new ArrayList<>(sorted.length);
        for (Keyed element : sorted) list.add(element.value);
        return list;
    }

    private static void sort(Keyed[] values, Keyed[] spare, int from, int to, boolean reverse, Budget budget) {
        if (to - from < 2) return;
        int middle = (from + to) >>> 1;
        sort(values, spare, from, middle, reverse, budget);
        sort(values, spare, middle, to, reverse, budget);
        System.arraycopy(values, from, spare, from, to - from);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            boolean takeRight = left == middle
                    || right < to
                            && (reverse
                                    ? Comparison.less(spare[left].key, spare[right].key, false, budget)
                                    : Comparison.less(spare[right].key, spare[left].key, false, budget));
            values[i] = takeRight ? spare[right++] : spare[left++];
        }
    }
}
