package dev.quipu.runtime.template.python;

/** The methods {@code str.is…}. */
public final class StringKind {
    private StringKind() {}

    /** The result of the method with this name. */
    public static boolean is(String method, String text, Budget budget) {
        budget.scan(text.length());
        switch (method) {
            case "islower" -> {
                return hasCaseOnly(text, false);
            }
            case "isupper" -> {
                return hasCaseOnly(text, true);
            }
            case "istitle" -> {
                return isTitle(text);
            }
            case "isascii", "isprintable" -> {
                if (text.isEmpty()) return true;
            }
            default -> {
                if (text.isEmpty()) return false;
            }
        }
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean is =
                    switch (method) {
                        case "isspace" -> CharacterTypes.isSpace(c);
                        case "isalpha" -> CharacterTypes.isAlphabetic(c);
                        case "isdecimal" -> CharacterTypes.isDecimal(c);
                        case "isdigit" -> CharacterTypes.isDigit(c);
                        case "isnumeric" -> CharacterTypes.isNumeric(c);
                        case "isalnum" -> CharacterTypes.isAlphabetic(c) || CharacterTypes.isNumeric(c);
                        case "isascii" -> c < 0x80;
                        case "isprintable" -> CharacterTypes.isPrintable(c);
                        case "isidentifier" ->
                            i == 0
                                    ? c == '_' || Character.isUnicodeIdentifierStart(c)
                                    : c == '_'
                                            || Character.isUnicodeIdentifierPart(c)
                                                    && !Character.isIdentifierIgnorable(c);
                        default -> throw new IllegalArgumentException(method);
                    };
            if (!is) return false;
            i += Character.charCount(c);
        }
        return true;
    }

    private static boolean hasCaseOnly(String text, boolean upper) {
        boolean found = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (Character.isTitleCase(c) || (upper ? Character.isLowerCase(c) : Character.isUpperCase(c))) return false;
            found |= upper ? Character.isUpperCase(c) : Character.isLowerCase(c);
            i += Character.charCount(c);
        }
        return found;
    }

    private static boolean isTitle(String text) {
        boolean found = false;
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (Character.isUpperCase(c) || Character.isTitleCase(c)) {
                if (inWord) return false;
                inWord = true;
                found = true;
            } else if (Character.isLowerCase(c)) {
                if (!inWord) return false;
            } else {
                inWord = false;
            }
            i += Character.charCount(c);
        }
        return found;
    }
}
