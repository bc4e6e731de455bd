package dev.quipu.bench.table;

import java.util.List;
import java.util.Locale;

/** Values as JSON. */
final class Json {
    private Json() {}

    static String value(Field field) {
        return switch (field.kind()) {
            case TEXT -> quote(field.value());
            case FLAG -> field.value().equals("0") ? "false" : "true";
            case INTEGER, REAL -> field.value().isEmpty() ? "null" : field.value();
        };
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                default -> quoted.append(c < ' ' ? String.format(Locale.ROOT, "\\u%04x", (int) c) : c);
            }
        }
        return quoted.append('"').toString();
    }

    static String nanos(List<Long> samples) {
        return Printer.join(samples, Object::toString, ", ");
    }

    static String tokens(List<Double> samples) {
        return Printer.join(samples, sample -> String.format(Locale.ROOT, "%.3f", sample), ", ");
    }
}
