package dev.quipu.runtime.template.jinja;

/** Escapes in strings, as Python's {@code unicode-escape} reads them. */
final class StringLiteral {
    private StringLiteral() {}

    static String unescaped(String content, int line) {
        StringBuilder out = new StringBuilder(content.length());
        for (int i = 0; i < content.length(); ) {
            char c = content.charAt(i++);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escaped = content.charAt(i++);
            switch (escaped) {
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case 'r' -> out.append('\r');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'v' -> out.append('\013');
                case 'a' -> out.append('\007');
                case '\\', '\'', '"' -> out.append(escaped);
                case '\n' -> {} // a line that goes on
                case 'x', 'u', 'U' -> {
                    int digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : 8;
                    out.appendCodePoint(hex(content, i, digits, line));
                    i += digits;
                }
                case 'N' -> {
                    int end = content.indexOf('}', i);
                    if (end < 0 || content.charAt(i) != '{')
                        throw new JinjaException("malformed \\N character escape", line);
                    out.appendCodePoint(named(content.substring(i + 1, end), line));
                    i = end + 1;
                }
                case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                    int value = escaped - '0';
                    for (int k = 0;
                            k < 2 && i < content.length() && content.charAt(i) >= '0' && content.charAt(i) <= '7';
                            k++) {
                        value = value * 8 + content.charAt(i++) - '0';
                    }
                    out.append((char) value);
                }
                default -> {
                    // Not an escape. Python's codec sees a character beyond ASCII as an escape of its own after this
                    // backslash.
                    out.append('\\');
                    if (escaped < 0x80) out.append(escaped);
                    else i--;
                }
            }
        }
        return out.toString();
    }

    private static int hex(String content, int from, int digits, int line) {
        int value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = i < content.length() && content.charAt(i) < 0x80 ? Character.digit(content.charAt(i), 16) : -1;
            if (digit < 0)
                throw new JinjaException("truncated escape in string: " + digits + " hex digits expected", line);
            value = value << 4 | digit;
        }
        if (value < 0 || value > Character.MAX_CODE_POINT)
            throw new JinjaException("illegal Unicode character in string", line);
        return value;
    }

    private static int named(String name, int line) {
        try {
            return Character.codePointOf(name);
        } catch (IllegalArgumentException e) {
            throw new JinjaException("unknown Unicode character name in string", line, e);
        }
    }
}
