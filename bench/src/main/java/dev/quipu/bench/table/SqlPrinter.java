package dev.quipu.bench.table;

import java.io.PrintStream;
import java.util.Iterator;

/** Statements that fill a table named {@code test}, for SQLite. */
final class SqlPrinter implements Printer {
    private boolean created;

    @Override
    public void begin(PrintStream out) {
        created = false;
    }

    @Override
    public void row(PrintStream out, Row row) {
        if (!created) {
            create(out, row);
            created = true;
        }
        out.println("INSERT INTO test (" + Printer.names(row, ", ") + ") VALUES ("
                + Printer.join(row.fields(), field -> "'" + field.value().replace("'", "''") + "'", ", ") + ");");
    }

    private static void create(PrintStream out, Row row) {
        out.println("CREATE TABLE IF NOT EXISTS test (");
        for (Iterator<Field> fields = row.fields().iterator(); fields.hasNext(); ) {
            Field field = fields.next();
            out.println("  " + field.name() + " " + type(field.kind()) + (fields.hasNext() ? "," : ""));
        }
        out.println(");");
        out.println();
    }

    private static String type(Field.Kind kind) {
        return switch (kind) {
            case TEXT -> "TEXT";
            case FLAG, INTEGER -> "INTEGER";
            case REAL -> "REAL";
        };
    }

    @Override
    public void end(PrintStream out) {}
}
