package dev.quipu.runtime.template.python;

import java.util.List;

/** Methods of {@code str} that filters share. */
public final class Strings {
    private Strings() {}

    /** Length in code points. */
    public static int length(String text) {
        return CodePoints.length(text);
    }

    /** The first {@code length} code points, which there must be. */
    public static String prefix(String text, int length, Budget budget) {
        budget.characters(length);
        return CodePoints.substring(text, 0, length);
    }

    /** {@code text.strip(chars)}; chars may be None. */
    public static String strip(String text, Object chars, Budget budget) {
        String wanted = chars == None.NONE ? null : Types.text(chars, "strip arg");
        return StringMethods.strip(text, wanted, true, true, budget);
    }

    /** {@code text.center(width)}. */
    public static String center(String text, int width, Budget budget) {
        return StringMethods.justify("center", text, width, " ", budget);
    }

    /** {@code text.replace(old, by, count)}; a negative count is all. */
    public static String replace(String text, String old, String by, int count, Budget budget) {
        return StringMethods.replace(text, old, by, count, budget);
    }

    /** {@code text.splitlines()}. */
    public static List<Object> lines(String text, Budget budget) {
        return StringSplit.lines(text, false, budget);
    }

    /** How many words: runs of letters, digits and underscores. */
    public static long words(String text, Budget budget) {
        budget.scan(text.length());
        long words = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean letter = c == '_' || CharacterTypes.isAlphabetic(c) || CharacterTypes.isNumeric(c);
            if (letter && !inWord) words++;
            inWord = letter;
            i += Character.charCount(c);
        }
        return words;
    }
}
