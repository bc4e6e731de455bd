package dev.quipu.bench.table;

import java.io.PrintStream;

/** One JSON array of objects. */
final class JsonPrinter implements Printer {
    private boolean first = true;

    @Override
    public void begin(PrintStream out) {
        out.println("[");
        first = true;
    }

    @Override
    public void row(PrintStream out, Row row) {
        if (!first) {
            out.println(",");
        }
        first = false;
        out.println("  {");
        for (Field field : row.fields()) {
            out.println("    " + Json.quote(field.name()) + ": " + Json.value(field) + ",");
        }
        out.println("    \"samples_ns\": [ " + Json.nanos(row.samplesNanos()) + " ],");
        out.println("    \"samples_ts\": [ " + Json.tokens(row.samplesTokens()) + " ]");
        out.print("  }");
        out.flush();
    }

    @Override
    public void end(PrintStream out) {
        out.println();
        out.println("]");
    }
}
