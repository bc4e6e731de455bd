package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/**
 * {@code strftime} in the C locale: the directives of Python's documentation, those of POSIX and glibc beside them, and glibc's
 * flags {@code - _ 0 ^ #} and widths. {@code %z} and {@code %Z} are empty, as for Python's {@code datetime.now()}.
 */
final class Strftime {
    private static final int WIDEST = 100;

    private final String format;
    private final ZonedDateTime time;
    private final StringBuilder out = new StringBuilder();

    private Strftime(String format, ZonedDateTime time) {
        this.format = format;
        this.time = time;
    }

    static String format(String format, ZonedDateTime time, Budget budget) {
        Strftime run = new Strftime(format, time);
        run.run();
        budget.characters(run.out.length());
        return run.out.toString();
    }

    private void run() {
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i++);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int start = i;
            char pad = 0;
            boolean upper = false;
            boolean swap = false;
            while (i < format.length() && "-_0^#".indexOf(format.charAt(i)) >= 0) {
                char flag = format.charAt(i++);
                if (flag == '^') upper = true;
                else if (flag == '#') swap = true;
                else pad = flag;
            }
            int width = 0;
            while (i < format.length() && Character.isDigit(format.charAt(i)) && width < WIDEST) {
                width = Math.min(width * 10 + format.charAt(i++) - '0', WIDEST);
            }
            if (i < format.length() && (format.charAt(i) == 'E' || format.charAt(i) == 'O')) i++;
            String text = i < format.length() ? directive(format.charAt(i), pad, width, swap) : "";
            if (text.isEmpty() && (i >= format.length() || "zZ".indexOf(format.charAt(i)) < 0)) {
                out.append('%')
                        .append(format, start, Math.min(i + 1, format.length())); // not a directive: stays as it is
            } else {
                out.append(upper ? text.toUpperCase(Locale.ROOT) : text);
            }
            i++;
        }
    }

    /** The text of a directive, empty if there is none of this letter. */
    private String directive(char letter, char pad, int width, boolean swap) {
        return switch (letter) {
            case 'Y' -> number(time.getYear(), 1, '0', pad, width);
            case 'C' -> number(time.getYear() / 100, 2, '0', pad, width);
            case 'y' -> number(time.getYear() % 100, 2, '0', pad, width);
            case 'm' -> number(time.getMonthValue(), 2, '0', pad, width);
            case 'd' -> number(time.getDayOfMonth(), 2, '0', pad, width);
            case 'e' -> number(time.getDayOfMonth(), 2, ' ', pad, width);
            case 'j' -> number(time.getDayOfYear(), 3, '0', pad, width);
            case 'H' -> number(time.getHour(), 2, '0', pad, width);
            case 'k' -> number(time.getHour(), 2, ' ', pad, width);
            case 'I' -> number(hour12(), 2, '0', pad, width);
            case 'l' -> number(hour12(), 2, ' ', pad, width);
            case 'M' -> number(time.getMinute(), 2, '0', pad, width);
            case 'S' -> number(time.getSecond(), 2, '0', pad, width);
            case 'f' -> number(time.getNano() / 1000, 6, '0', (char) 0, 0);
            case 's' -> number(time.toEpochSecond(), 1, '0', pad, width);
            case 'u' -> number(time.getDayOfWeek().getValue(), 1, '0', pad, width);
            case 'w' -> number(time.getDayOfWeek().getValue() % 7, 1, '0', pad, width);
            case 'U' -> number(week(time.getDayOfWeek().getValue() % 7), 2, '0', pad, width);
            case 'W' -> number(week(time.getDayOfWeek().getValue() - 1), 2, '0', pad, width);
            case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, '0', pad, width);
            case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 1, '0', pad, width);
            case 'g' -> number(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2, '0', pad, width);
            case 'a' -> text(time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH), swap, pad, width);
            case 'A' -> text(time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH), swap, pad, width);
            case 'b', 'h' -> text(time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH), swap, pad, width);
            case 'B' -> text(time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH), swap, pad, width);
            case 'p' -> padded(swap ? half().toLowerCase(Locale.ROOT) : half(), ' ', pad, width);
            case 'P' -> padded(half().toLowerCase(Locale.ROOT), ' ', pad, width);
            case 'D', 'x' -> composed("%m/%d/%y", pad, width);
            case 'F' -> composed("%Y-%m-%d", pad, width);
            case 'T', 'X' -> composed("%H:%M:%S", pad, width);
            case 'R' -> composed("%H:%M", pad, width);
            case 'r' -> composed("%I:%M:%S %p", pad, width);
            case 'c' -> composed("%a %b %e %H:%M:%S %Y", pad, width);
            case 'n' -> padded("\n", ' ', pad, width);
            case 't' -> padded("\t", ' ', pad, width);
            case '%' -> padded("%", ' ', pad, width);
            default -> "";
        };
    }

    private String composed(String parts, char pad, int width) {
        Strftime inner = new Strftime(parts, time);
        inner.run();
        return padded(inner.out.toString(), ' ', pad, width);
    }

    private static String number(long value, int digits, char usual, char pad, int width) {
        char fill = pad == '_' ? ' ' : pad == '0' ? '0' : usual;
        String text = Long.toString(value);
        int missing = (pad == '-' ? width : Math.max(digits, width)) - text.length();
        return missing > 0 ? String.valueOf(fill).repeat(missing) + text : text;
    }

    private static String text(String name, boolean upper, char pad, int width) {
        return padded(upper ? name.toUpperCase(Locale.ROOT) : name, ' ', pad, width);
    }

    private static String padded(String text, char usual, char pad, int width) {
        int missing = width - text.length();
        return missing > 0 ? String.valueOf(pad == '0' ? '0' : usual).repeat(missing) + text : text;
    }

    private int hour12() {
        return time.get(ChronoField.CLOCK_HOUR_OF_AMPM);
    }

    private String half() {
        return time.getHour() < 12 ? "AM" : "PM";
    }

    /** Week of the year, where week 1 starts with the first day of number 0. */
    private int week(int dayOfWeek) {
        return (time.getDayOfYear() + 6 - dayOfWeek) / 7;
    }
}
