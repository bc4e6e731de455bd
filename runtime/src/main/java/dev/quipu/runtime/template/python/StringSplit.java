package dev.quipu.runtime.template.python;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods of {@code str} that take it apart. */
final class StringSplit {
    private StringSplit() {}

    static Object split(String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("split", 0, "sep", "maxsplit");
        return split(text, separator(bound.or(0, None.NONE)), bound.index(1, -1), budget);
    }

    static Object rsplit(String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("rsplit", 0, "sep", "maxsplit");
        return rsplit(text, separator(bound.or(0, None.NONE)), bound.index(1, -1), budget);
    }

    private static @Nullable String separator(Object value) {
        if (value == None.NONE) return null;
        String separator = Types.text(value, "separator");
        if (separator.isEmpty()) throw PythonError.valueError("empty separator");
        return separator;
    }

    /** Splits at a separator, or for null at runs of white space; at most {@code most} times, unless that is negative. */
    static List<Object> split(String text, @Nullable String separator, int most, Budget budget) {
        budget.characters(text.length());
        List<Object> parts = new ArrayList<>();
        int left = most < 0 ? Integer.MAX_VALUE : most;
        if (separator == null) {
            int i = 0;
            while (true) {
                while (i < text.length() && CharacterTypes.isSpace(text.charAt(i))) i++;
                if (i == text.length()) return parts;
                int from = i;
                if (left-- == 0) {
                    add(parts, StringMethods.strip(text.substring(from), null, false, true, budget), budget);
                    return parts;
                }
                while (i < text.length() && !CharacterTypes.isSpace(text.charAt(i))) i++;
                add(parts, text.substring(from, i), budget);
            }
        }
        budget.search(text, separator);
        int from = 0;
        while (left-- > 0) {
            int next = text.indexOf(separator, from);
            if (next < 0) break;
            add(parts, text.substring(from, next), budget);
            from = next + separator.length();
        }
        add(parts, text.substring(from), budget);
        return parts;
    }

    /** As {@link #split}, counting splits from the end. */
    static List<Object> rsplit(String text, @Nullable String separator, int most, Budget budget) {
        if (most < 0 && separator == null) return split(text, null, most, budget);
        budget.characters(text.length());
        List<Object> parts = new ArrayList<>();
        int left = most < 0 ? Integer.MAX_VALUE : most;
        int to = text.length();
        if (separator == null) {
            while (true) {
                while (to > 0 && CharacterTypes.isSpace(text.charAt(to - 1))) to--;
                if (to == 0) break;
                if (left-- == 0) {
                    add(parts, StringMethods.strip(text.substring(0, to), null, true, false, budget), budget);
                    break;
                }
                int end = to;
                while (to > 0 && !CharacterTypes.isSpace(text.charAt(to - 1))) to--;
                add(parts, text.substring(to, end), budget);
            }
        } else {
            budget.search(text, separator);
            while (left-- > 0) {
                int next = text.lastIndexOf(separator, to - separator.length());
                if (next < 0 || to < separator.length()) break;
                add(parts, text.substring(next + separator.length(), to), budget);
                to = next;
            }
            add(parts, text.substring(0, to), budget);
        }
        Collections.reverse(parts);
        return parts;
    }

    static Object splitLines(String text, Arguments arguments, Budget budget) {
        return lines(text, arguments.bind("splitlines", 0, "keepends").truth(0, false), budget);
    }

    /** The lines, without a last one that is empty. */
    static List<Object> lines(String text, boolean keepEnds, Budget budget) {
        budget.characters(text.length());
        List<Object> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); ) {
            char c = text.charAt(i++);
            if (!CharacterTypes.isLineEnd(c)) continue;
            int end = i - 1;
            if (c == '\r' && i < text.length() && text.charAt(i) == '\n') i++;
            add(lines, text.substring(from, keepEnds ? i : end), budget);
            from = i;
        }
        if (from < text.length()) add(lines, text.substring(from), budget);
        return lines;
    }

    static Object partition(String text, Arguments arguments, Budget budget) {
        String separator = separatorOf("partition", arguments);
        budget.characters(text.length());
        budget.search(text, separator);
        int at = text.indexOf(separator);
        if (at < 0) return Tuple.of(text, "", "");
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    static Object rpartition(String text, Arguments arguments, Budget budget) {
        String separator = separatorOf("rpartition", arguments);
        budget.characters(text.length());
        budget.search(text, separator);
        int at = text.lastIndexOf(separator);
        if (at < 0) return Tuple.of("", "", text);
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static String separatorOf(String name, Arguments arguments) {
        String separator = Types.text(arguments.bind(name, 1, "").get(0), "separator");
        if (separator.isEmpty()) throw PythonError.valueError("empty separator");
        return separator;
    }

    private static void add(List<Object> parts, String part, Budget budget) {
        budget.elements(1);
        parts.add(part);
    }
}
