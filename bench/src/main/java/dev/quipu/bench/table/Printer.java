package dev.quipu.bench.table;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Prints results as they come, in one of llama-bench's formats. */
public sealed interface Printer permits MarkdownPrinter, CsvPrinter, JsonPrinter, JsonLinesPrinter, SqlPrinter {
    /** Before the first row. */
    void begin(PrintStream out);

    void row(PrintStream out, Row row);

    /** After the last row. */
    void end(PrintStream out);

    /**
     * The printer of a format.
     *
     * @param format md, csv, json, jsonl or sql
     * @param columns of the table for people
     * @param footer lines below that table
     */
    static Printer of(String format, List<Column> columns, List<String> footer) {
        return switch (format) {
            case "md" -> new MarkdownPrinter(columns, footer);
            case "csv" -> new CsvPrinter();
            case "json" -> new JsonPrinter();
            case "jsonl" -> new JsonLinesPrinter();
            case "sql" -> new SqlPrinter();
            default ->
                throw new IllegalArgumentException("output must be md, csv, json, jsonl or sql, not '" + format + "'");
        };
    }

    /** The names of a row's fields, separated by {@code separator}. */
    static String names(Row row, String separator) {
        return join(row.fields(), Field::name, separator);
    }

    static <T> String join(List<T> items, Function<T, String> text, String separator) {
        return items.stream().map(text).collect(Collectors.joining(separator));
    }
}
