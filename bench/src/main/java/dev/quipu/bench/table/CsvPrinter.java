package dev.quipu.bench.table;

import java.io.PrintStream;

/** Comma-separated values: a line of names, then every value in quotes. */
final class CsvPrinter implements Printer {
    private boolean named;

    @Override
    public void begin(PrintStream out) {
        named = false;
    }

    @Override
    public void row(PrintStream out, Row row) {
        if (!named) {
            out.println(Printer.names(row, ","));
            named = true;
        }
        out.println(Printer.join(row.fields(), field -> '"' + field.value().replace("\"", "\"\"") + '"', ","));
    }

    @Override
    public void end(PrintStream out) {}
}
