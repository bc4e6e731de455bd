package dev.quipu.bench.table;

import java.io.PrintStream;
import java.util.List;

/** A table for people, which GitHub also draws as one. */
final class MarkdownPrinter implements Printer {
    private final List<Column> columns;
    private final List<String> footer;

    MarkdownPrinter(List<Column> columns, List<String> footer) {
        this.columns = List.copyOf(columns);
        this.footer = footer;
    }

    @Override
    public void begin(PrintStream out) {
        out.println("|" + Printer.join(columns, column -> column.cell(column.title()) + "|", ""));
        out.println("|" + Printer.join(columns, column -> column.rule() + "|", ""));
    }

    @Override
    public void row(PrintStream out, Row row) {
        StringBuilder line = new StringBuilder("|");
        for (int i = 0; i < columns.size(); i++) {
            line.append(columns.get(i).cell(row.cells().get(i))).append('|');
        }
        out.println(line);
    }

    @Override
    public void end(PrintStream out) {
        out.println();
        footer.forEach(out::println);
    }
}
