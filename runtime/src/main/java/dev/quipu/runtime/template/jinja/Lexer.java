package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.jinja.Token.Kind;
import dev.quipu.runtime.template.python.CharacterTypes;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into tokens and settles white space: a line end after a block tag or comment is dropped (trim_blocks), as is
 * indentation before one (lstrip_blocks), and a minus sign in a tag takes all white space on its side.
 */
final class Lexer {
    private static final String[] OPERATORS = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";"
    };

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean lineStart = true; // what was consumed last ended with a line end

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = normalized(template);
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.template();
        return lexer.tokens;
    }

    /** With {@code \n} as the only line end. */
    static String normalized(String text) {
        return text.indexOf('\r') < 0 ? text : text.replace("\r\n", "\n").replace('\r', '\n');
    }

    private void template() {
        while (at < source.length()) {
            int tag = nextTag(at);
            if (tag < 0) {
                tokens.add(new Token(Kind.DATA, source.substring(at), line));
                moveTo(source.length());
                break;
            }
            char kind = source.charAt(tag + 1);
            String data = source.substring(at, tag);
            char sign = charAt(tag + 2);
            boolean signed = sign == '-' || sign == '+';
            data = leftTrimmed(data, signed ? sign : 0, kind != '{');
            if (!data.isEmpty()) tokens.add(new Token(Kind.DATA, data, line));
            moveTo(tag + (signed ? 3 : 2));
            if (kind == '#') comment();
            else if (kind != '%' || !raw()) tag(kind == '{');
        }
        tokens.add(new Token(Kind.END, "", line));
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char c = source.charAt(i + 1);
            if (c == '%' || c == '{' || c == '#') return i;
        }
        return -1;
    }

    private String leftTrimmed(String data, char sign, boolean block) {
        if (sign == '-') {
            int end = data.length();
            while (end > 0 && CharacterTypes.isSpace(data.charAt(end - 1))) end--;
            return data.substring(0, end);
        }
        if (sign == '+' || !block) return data;
        int indentation = data.lastIndexOf('\n') + 1;
        if (indentation == 0 && !lineStart) return data;
        for (int i = indentation; i < data.length(); i++) if (!CharacterTypes.isSpace(data.charAt(i))) return data;
        return data.substring(0, indentation);
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) throw error("Missing end of comment tag");
        char sign = end > at ? source.charAt(end - 1) : 0;
        moveTo(end + 2);
        trimRight(sign, true);
    }

    /** Skips what a tag's end takes of the text after it. */
    private void trimRight(char sign, boolean block) {
        if (sign == '-') {
            int end = at;
            while (end < source.length() && CharacterTypes.isSpace(source.charAt(end))) end++;
            moveTo(end);
        } else if (sign != '+' && block && charAt(at) == '\n') {
            moveTo(at + 1);
        }
    }

    /** A raw block, if the tag that was just opened is one. */
    private boolean raw() {
        int end = keyword(at, "raw");
        if (end < 0) return false;
        boolean dash = charAt(end) == '-';
        if (!source.startsWith("%}", dash ? end + 1 : end)) return false;
        moveTo(end + (dash ? 3 : 2));
        if (dash) trimRight('-', true);
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 2)) {
            char sign = charAt(tag + 2);
            boolean signed = sign == '-' || sign == '+';
            int after = keyword(tag + (signed ? 3 : 2), "endraw");
            if (after < 0) continue;
            char endSign = charAt(after);
            boolean endSigned = endSign == '-' || endSign == '+';
            int close = endSigned ? after + 1 : after;
            if (!source.startsWith("%}", close)) continue;
            String data = leftTrimmed(source.substring(at, tag), signed ? sign : 0, true);
            if (!data.isEmpty()) tokens.add(new Token(Kind.DATA, data, line));
            moveTo(close + 2);
            trimRight(endSigned ? endSign : 0, true);
            return true;
        }
        throw error("Missing end of raw directive");
    }

    /** Where a word with white space around it ends, or -1 if it does not stand here. */
    private int keyword(int from, String word) {
        int i = afterSpace(from);
        return source.startsWith(word, i) ? afterSpace(i + word.length()) : -1;
    }

    private int afterSpace(int from) {
        int i = from;
        while (i < source.length() && CharacterTypes.isSpace(source.charAt(i))) i++;
        return i;
    }

    /** The inside of a variable or block tag. */
    private void tag(boolean variable) {
        tokens.add(new Token(variable ? Kind.VARIABLE_BEGIN : Kind.BLOCK_BEGIN, "", line));
        String end = variable ? "}}" : "%}";
        StringBuilder open = new StringBuilder(); // brackets that are to be closed, innermost last
        while (at < source.length()) {
            char c = source.charAt(at);
            if (CharacterTypes.isSpace(c)) {
                moveTo(afterSpace(at));
                continue;
            }
            if (open.isEmpty()) {
                boolean signed = c == '-' || c == '+' && !variable;
                if (source.startsWith(end, signed ? at + 1 : at)) {
                    tokens.add(new Token(variable ? Kind.VARIABLE_END : Kind.BLOCK_END, "", line));
                    moveTo(at + (signed ? 3 : 2));
                    trimRight(signed ? c : 0, !variable);
                    return;
                }
            }
            if (c >= '0' && c <= '9') number();
            else if (c == '_' || Character.isLetter(source.codePointAt(at))) name();
            else if (c == '"' || c == '\'') string(c);
            else operator(open);
        }
        tokens.add(new Token(Kind.END, "", line)); // the parser says what is missing
    }

    private void number() {
        boolean afterDot = source.charAt(at - 1) == '.';
        int end = NumberLiteral.end(source, at, !afterDot);
        String text = source.substring(at, end);
        tokens.add(new Token(Kind.NUMBER, text, NumberLiteral.value(text, line), line));
        moveTo(end);
    }

    private void name() {
        int end = at;
        while (end < source.length()) {
            int c = source.codePointAt(end);
            if (c != '_' && !(Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c))) break;
            end += Character.charCount(c);
        }
        if (end == at) throw error("Invalid character in identifier");
        tokens.add(new Token(Kind.NAME, source.substring(at, end), line));
        moveTo(end);
    }

    private void string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) end += source.charAt(end) == '\\' ? 2 : 1;
        if (end >= source.length()) throw error("unexpected char '" + quote + "': the string does not end");
        String content = source.substring(at + 1, end);
        String value = content.indexOf('\\') < 0 ? content : StringLiteral.unescaped(content, line);
        tokens.add(new Token(Kind.STRING, value, line));
        moveTo(end + 1);
    }

    private void operator(StringBuilder open) {
        for (String operator : OPERATORS) {
            if (!source.startsWith(operator, at)) continue;
            char c = operator.charAt(0);
            switch (c) {
                case '(' -> open.append(')');
                case '[' -> open.append(']');
                case '{' -> open.append('}');
                case ')', ']', '}' -> {
                    if (open.isEmpty()) throw error("unexpected '" + c + "'");
                    char expected = open.charAt(open.length() - 1);
                    if (expected != c) throw error("unexpected '" + c + "', expected '" + expected + "'");
                    open.setLength(open.length() - 1);
                }
                default -> {}
            }
            tokens.add(new Token(Kind.OPERATOR, operator, line));
            moveTo(at + operator.length());
            return;
        }
        throw error("unexpected char '" + Character.toString(source.codePointAt(at)) + "'");
    }

    private char charAt(int index) {
        return index < source.length() ? source.charAt(index) : 0;
    }

    private void moveTo(int next) {
        for (int i = at; i < next; i++) if (source.charAt(i) == '\n') line++;
        lineStart = next > 0 && source.charAt(next - 1) == '\n';
        at = next;
    }

    private JinjaException error(String message) {
        return new JinjaException(message, line);
    }
}
