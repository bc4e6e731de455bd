package dev.quipu.runtime.template.python;

/** What is left of the {@link Limits} of one rendering. Used by one thread. */
public final class Budget {
    private final Limits limits;
    private long steps;
    private long characters;
    private int depth;

    public Budget(Limits limits) {
        this.limits = limits;
        this.steps = limits.steps();
        this.characters = limits.characters();
        this.depth = limits.depth();
    }

    /** One evaluated node or visited element. */
    public void step() {
        if (--steps < 0) throw tooMuchWork();
    }

    /** Work that grows with the data, in steps. */
    public void work(long amount) {
        steps -= amount;
        if (steps < 0) throw tooMuchWork();
    }

    /** Looking at this many characters. */
    public void scan(long amount) {
        work(amount >> 4);
    }

    /** Looking for a part in a text: at worst, each is compared at each place. */
    void search(String text, String part) {
        work((text.length() >> 4) + ((long) text.length() * part.length() >> 8));
    }

    /** Making this many characters of text. */
    public void characters(long amount) {
        if (amount > characters) {
            throw new PythonError(
                    "LimitError", "the template makes more than " + limits.characters() + " characters of text");
        }
        characters -= amount;
        work(amount >> 4);
    }

    /** Making a list of this many elements. */
    public void elements(long amount) {
        characters(amount > Long.MAX_VALUE >> 3 ? Long.MAX_VALUE : amount << 3);
    }

    /** Going some levels deeper; {@link #ascend} takes them back. After a failure nobody has to. */
    public void descend(int levels) {
        depth -= levels;
        if (depth < 0) throw new PythonError("RecursionError", "nested more than " + limits.depth() + " levels deep");
    }

    public void ascend(int levels) {
        depth += levels;
    }

    private PythonError tooMuchWork() {
        return new PythonError("LimitError", "the template takes more than " + limits.steps() + " steps");
    }
}
