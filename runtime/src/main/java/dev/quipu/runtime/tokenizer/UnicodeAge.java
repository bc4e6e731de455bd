package dev.quipu.runtime.tokenizer;

/**
 * Text as Unicode 15.1 sees it, the version of llama.cpp's tables: words must be cut where the models' own tokenizers cut
 * them, whatever version the JDK knows.
 */
final class UnicodeAge {
    /** First and last of each range of characters that Unicode 16 added (DerivedAge.txt), ascending. */
    private static final int[] NEWER = {
        0x0897, 0x0897, 0x1B4E, 0x1B4F, 0x1B7F, 0x1B7F, 0x1C89, 0x1C8A, 0x2427, 0x2429, 0x31E4, 0x31E5,
        0xA7CB, 0xA7CD, 0xA7DA, 0xA7DC, 0x105C0, 0x105F3, 0x10D40, 0x10D8F, 0x10EC2, 0x10EC4, 0x10EFC, 0x10EFC,
        0x11380, 0x113E2, 0x116D0, 0x116E3, 0x11BC0, 0x11BF9, 0x11F5A, 0x11F5A, 0x13460, 0x143FA, 0x16100, 0x16139,
        0x16D40, 0x16D79, 0x18CFF, 0x18CFF, 0x1CC00, 0x1CEB3, 0x1E5D0, 0x1E5FF, 0x1F8B2, 0x1F8BB, 0x1F8C0, 0x1F8C1,
        0x1FA89, 0x1FA89, 0x1FA8F, 0x1FA8F, 0x1FABE, 0x1FABE, 0x1FAC6, 0x1FAC6, 0x1FADC, 0x1FADC, 0x1FADF, 0x1FADF,
        0x1FAE9, 0x1FAE9, 0x1FBCB, 0x1FBEF,
    };

    /** Stand-ins that no version assigns: one below the Chinese characters, as some expressions ask, one above, one of two chars. */
    private static final int LOW = 0x2FE0;

    private static final int HIGH = 0xFFFF;
    private static final int PAIR = 0x1FFFF;

    private UnicodeAge() {}

    /** The text, of the same length in chars, with newer characters replaced by unassigned ones. */
    static String withoutNewer(String text) {
        if (text.codePoints().noneMatch(UnicodeAge::isNewer)) {
            return text;
        }
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> result.appendCodePoint(isNewer(c) ? standIn(c) : c));
        return result.toString();
    }

    private static int standIn(int codePoint) {
        return codePoint < 0x4E00 ? LOW : codePoint < 0x10000 ? HIGH : PAIR;
    }

    private static boolean isNewer(int codePoint) {
        if (codePoint < NEWER[0]) {
            return false;
        }
        for (int i = 0; i < NEWER.length && NEWER[i] <= codePoint; i += 2) {
            if (codePoint <= NEWER[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
