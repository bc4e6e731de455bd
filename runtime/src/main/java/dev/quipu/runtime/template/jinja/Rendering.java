package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;

/** One run of a template: its output, its budget, and the line it is at. */
final class Rendering {
    private final Budget budget;
    private StringBuilder output = new StringBuilder();
    private int line = 1;

    Rendering(Budget budget) {
        this.budget = budget;
    }

    Budget budget() {
        return budget;
    }

    void at(int line) {
        this.line = line;
    }

    int line() {
        return line;
    }

    void write(String text) {
        budget.characters(text.length());
        output.append(text);
    }

    String output() {
        return output.toString();
    }

    /** From now on output goes to a new buffer. Returns the present one, for {@link #endCapture}. */
    StringBuilder beginCapture() {
        StringBuilder outer = output;
        output = new StringBuilder();
        return outer;
    }

    /** Output goes to {@code outer} again. Returns what was written since {@link #beginCapture}. */
    String endCapture(StringBuilder outer) {
        budget.scan(output.length());
        String captured = output.toString();
        output = outer;
        return captured;
    }
}
