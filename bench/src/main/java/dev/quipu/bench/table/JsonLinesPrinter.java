package dev.quipu.bench.table;

import java.io.PrintStream;

/** One JSON object a line. */
final class JsonLinesPrinter implements Printer {
    @Override
    public void begin(PrintStream out) {}

    @Override
    public void row(PrintStream out, Row row) {
        out.println("{"
                + Printer.join(row.fields(), field -> Json.quote(field.name()) + ": " + Json.value(field) + ", ", "")
                + "\"samples_ns\": [ " + Json.nanos(row.samplesNanos()) + " ],"
                + "\"samples_ts\": [ " + Json.tokens(row.samplesTokens()) + " ]}");
    }

    @Override
    public void end(PrintStream out) {}
}
