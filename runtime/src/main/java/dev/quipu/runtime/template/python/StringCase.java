package dev.quipu.runtime.template.python;

import java.util.Locale;

/** Upper and lower case. */
public final class StringCase {
    private StringCase() {}

    /** The method of {@code str} with this name. */
    public static String change(String method, String text, Budget budget) {
        budget.characters(text.length());
        return switch (method) {
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalize(text);
            case "title" -> title(text);
            case "swapcase" -> swap(text);
            case "casefold" -> text.toLowerCase(Locale.ROOT).replace("ß", "ss").replace("ς", "σ");
            default -> throw new IllegalArgumentException(method);
        };
    }

    private static String capitalize(String text) {
        if (text.isEmpty()) return text;
        int first = text.offsetByCodePoints(0, 1);
        // Lowering the whole text first, since a sigma's form depends on its place.
        String lower = text.toLowerCase(Locale.ROOT);
        String head = text.substring(0, first);
        return titleCase(head)
                + lower.substring(
                        Math.min(lower.length(), head.toLowerCase(Locale.ROOT).length()));
    }

    private static String titleCase(String character) {
        int c = character.codePointAt(0);
        if (Character.toTitleCase(c) != c) return Character.toString(Character.toTitleCase(c));
        String upper = character.toUpperCase(Locale.ROOT);
        // A letter whose upper case is several letters, as in 'ß'.
        return upper.length() > 1 && upper.codePointCount(0, upper.length()) > 1
                ? upper.charAt(0) + upper.substring(1).toLowerCase(Locale.ROOT)
                : character;
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        String lower = text.toLowerCase(Locale.ROOT);
        boolean sameLength = lower.length() == text.length();
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            if (!isCased(c)) {
                out.appendCodePoint(c);
                inWord = false;
            } else {
                String character = text.substring(i, end);
                if (!inWord) out.append(titleCase(character));
                else out.append(sameLength ? lower.substring(i, end) : character.toLowerCase(Locale.ROOT));
                inWord = true;
            }
            i = end;
        }
        return out.toString();
    }

    private static String swap(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            String character = text.substring(i, end);
            if (Character.isUpperCase(c)) out.append(character.toLowerCase(Locale.ROOT));
            else if (Character.isLowerCase(c)) out.append(character.toUpperCase(Locale.ROOT));
            else out.append(character);
            i = end;
        }
        return out.toString();
    }

    static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }
}
