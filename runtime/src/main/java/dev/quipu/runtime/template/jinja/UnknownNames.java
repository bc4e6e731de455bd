package dev.quipu.runtime.template.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * Filters and tests that do not exist. Naming one is an error of the template, unless it stands within {@code if}, where a
 * template may have asked first whether it exists; then only using it is.
 */
final class UnknownNames {
    private record Unknown(String message, int line) {}

    private final List<Unknown> found = new ArrayList<>();
    private boolean lenient;

    /** Whether names are forgiven from here on. Returns what held before. */
    boolean lenient(boolean now) {
        boolean before = lenient;
        lenient = now;
        return before;
    }

    void add(String message, int line) {
        if (!lenient) found.add(new Unknown(message, line));
    }

    /** How many there are so far, for {@link #forgive}. */
    int mark() {
        return found.size();
    }

    /** Forgets those since a mark: they turned out to stand within a conditional expression. */
    void forgive(int mark) {
        found.subList(mark, found.size()).clear();
    }

    void check() {
        if (!found.isEmpty()) throw new JinjaException(found.get(0).message, found.get(0).line);
    }
}
