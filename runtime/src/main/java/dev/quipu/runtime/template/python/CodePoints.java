package dev.quipu.runtime.template.python;

import org.jspecify.annotations.Nullable;

/** Strings as Python counts them: in code points. */
final class CodePoints {
    private CodePoints() {}

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The character at a position that may count from the end; null if there is none. */
    static @Nullable String at(String text, long index, Budget budget) {
        budget.scan(text.length());
        int length = length(text);
        if (index < 0) index += length;
        if (index < 0 || index >= length) return null;
        int from = offset(text, length, (int) index);
        return text.substring(from, text.offsetByCodePoints(from, 1));
    }

    /** {@code text[start:stop]} for {@code 0 <= start <= stop <= length}. */
    static String substring(String text, int start, int stop) {
        int length = length(text);
        return text.substring(offset(text, length, start), offset(text, length, stop));
    }

    /** Where in the string a code point starts. */
    static int offset(String text, int length, int index) {
        return length == text.length() ? index : text.offsetByCodePoints(0, index);
    }

    /** Which code point starts at an offset of the string. */
    static int index(String text, int offset) {
        return text.codePointCount(0, offset);
    }

    /** Order by code points, which differs from {@link String#compareTo} beyond the basic plane. */
    static int compare(String a, String b) {
        int n = Math.min(a.length(), b.length());
        for (int i = 0; i < n; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean wideX = Character.isSurrogate(x);
                boolean wideY = Character.isSurrogate(y);
                return wideX == wideY ? Character.compare(x, y) : wideX ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
