package dev.quipu.runtime.template.python;

/**
 * What one rendering may use.
 *
 * @param steps work: evaluated nodes, visited elements, and one more for every 16 characters handled
 * @param characters text made, both in the output and in values on the way; a list element counts as eight
 * @param depth nesting of evaluation: expressions, statements and macro calls, and of values that are written or compared
 */
public record Limits(long steps, long characters, int depth) {
    /** Some seconds of work at the very most; templates of the field stay below a thousandth of it. */
    public static final Limits DEFAULT = new Limits(50_000_000, 256_000_000, 1_200);

    public Limits {
        if (steps < 1 || characters < 1 || depth < 1) throw new IllegalArgumentException("limits must be positive");
    }
}
