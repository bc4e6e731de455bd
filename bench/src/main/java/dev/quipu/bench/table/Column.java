package dev.quipu.bench.table;

/**
 * A column of the table for people.
 *
 * @param width least characters; negative = text stands at the left
 */
public record Column(String title, int width) {
    /** A cell of this column, blanks on both sides. */
    String cell(String text) {
        String blanks = " ".repeat(Math.max(0, Math.abs(width) - text.length()));
        return width < 0 ? " " + text + blanks + " " : " " + blanks + text + " ";
    }

    /** What stands under the title. */
    String rule() {
        return " " + "-".repeat(Math.abs(width) - 1) + (width < 0 ? "-" : ":") + " ";
    }
}
