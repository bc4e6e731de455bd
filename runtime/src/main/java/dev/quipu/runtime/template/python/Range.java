package dev.quipu.runtime.template.python;

/**
 * Python's {@code range}.
 *
 * @param start its first element, if it has any
 * @param step distance of neighbours, not 0
 * @param length how many elements
 */
public record Range(long start, long step, int length) {
    /** The longest range that Jinja's sandbox allows. */
    static final int LONGEST = 100_000;

    public static Range of(long start, long stop, long step) {
        if (step == 0) throw PythonError.valueError("range() arg 3 must not be zero");
        // Both differences may exceed a long; as unsigned numbers they are right whenever the range is not empty.
        long length = 0;
        if (step > 0 && start < stop) length = Long.divideUnsigned(stop - start - 1, step) + 1;
        else if (step < 0 && start > stop) length = Long.divideUnsigned(start - stop - 1, -step) + 1;
        if (length < 0 || length > LONGEST) {
            throw new PythonError(
                    "OverflowError",
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + LONGEST + ").");
        }
        return new Range(start, step, (int) length);
    }

    public long get(int index) {
        return start + index * step;
    }

    /** The first number that is no longer in it, as {@code repr} shows. */
    long stop() {
        return start + length * step;
    }

    boolean contains(Object value) {
        if (value instanceof Boolean b) return contains(b ? 1L : 0L);
        if (value instanceof Double d) return d == Math.rint(d) && Math.abs(d) < 0x1p62 && contains(d.longValue());
        if (!(value instanceof Long n) || length == 0) return false;
        long offset = n - start;
        return offset % step == 0 && offset / step >= 0 && offset / step < length;
    }
}
