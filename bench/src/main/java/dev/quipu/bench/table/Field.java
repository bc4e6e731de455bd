package dev.quipu.bench.table;

/**
 * One named value of a result.
 *
 * @param value as text; of a flag 0 or 1; empty if a number has not been measured
 */
public record Field(String name, Kind kind, String value) {
    /** What a value is, for formats that tell. */
    public enum Kind {
        TEXT,
        FLAG,
        INTEGER,
        REAL
    }

    public static Field text(String name, String value) {
        return new Field(name, Kind.TEXT, value);
    }

    public static Field flag(String name, boolean value) {
        return new Field(name, Kind.FLAG, value ? "1" : "0");
    }

    public static Field integer(String name, long value) {
        return new Field(name, Kind.INTEGER, Long.toString(value));
    }

    /** Six decimals, as llama-bench prints them; NaN = not measured. */
    public static Field real(String name, double value) {
        return new Field(name, Kind.REAL, Double.isNaN(value) ? "" : String.format(java.util.Locale.ROOT, "%f", value));
    }
}
