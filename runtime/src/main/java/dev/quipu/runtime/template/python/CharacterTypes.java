package dev.quipu.runtime.template.python;

/** What Python's {@code str} methods think of a character. */
public final class CharacterTypes {
    private CharacterTypes() {}

    /** White space in the sense of {@code str.isspace}, which is also what {@code strip} and {@code split} take off. */
    public static boolean isSpace(int c) {
        if (c < 0x80) return c == ' ' || c >= 9 && c <= 13 || c >= 0x1c && c <= 0x1f;
        return c == 0x85
                || c == 0xa0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200a
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** Line ends in the sense of {@code str.splitlines}. */
    static boolean isLineEnd(int c) {
        return c >= 10 && c <= 13 || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static boolean isPrintable(int c) {
        if (c == ' ') return true;
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    static boolean isAlphabetic(int c) {
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> true;
            default -> false;
        };
    }

    static boolean isDecimal(int c) {
        return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
    }

    /** Decimal digits and superscripts, subscripts and digits in circles. */
    static boolean isDigit(int c) {
        if (isDecimal(c)) return true;
        return c == 0xb2
                || c == 0xb3
                || c == 0xb9
                || c == 0x2070
                || c >= 0x2074 && c <= 0x2079
                || c >= 0x2080 && c <= 0x2089
                || c >= 0x2460 && c <= 0x2468
                || c >= 0x2474 && c <= 0x247c
                || c >= 0x2488 && c <= 0x2490
                || c == 0x24ea
                || c >= 0x24f5 && c <= 0x24fd
                || c == 0x24ff
                || c >= 0x2776 && c <= 0x277e
                || c >= 0x2780 && c <= 0x2788
                || c >= 0x278a && c <= 0x2792;
    }

    static boolean isNumeric(int c) {
        if (isDigit(c)) return true;
        return Character.getType(c) == Character.LETTER_NUMBER
                || Character.getType(c) == Character.OTHER_NUMBER
                || isAlphabetic(c) && Character.getNumericValue(c) >= 0 && !Character.isLetter(c)
                || CJK_NUMBERS.indexOf(c) >= 0;
    }

    private static final String CJK_NUMBERS = "〇一二三四五六七八九十百千万億兆零壹貳叁參肆伍陸柒捌玖拾佰仟萬两兩";

    /** The text without white space at its ends. */
    public static String strip(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) start++;
        while (end > start && isSpace(text.charAt(end - 1))) end--;
        return text.substring(start, end);
    }
}
