package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.CharacterTypes;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.Markup;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Text;
import dev.quipu.runtime.template.python.Tuple;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;

/** Filters about HTML and addresses. */
final class HtmlFilters {
    private HtmlFilters() {}

    static Object escape(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("escape");
        return Markup.escape(value, budget);
    }

    static Object forceEscape(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("forceescape");
        return Markup.escape(Text.str(value, budget), budget);
    }

    static Object safe(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("safe");
        return value instanceof Markup ? value : new Markup(Text.str(value, budget));
    }

    /** The text without comments and tags, white space collapsed, and the five basic entities and numbers resolved. */
    static Object stripTags(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("striptags");
        String text = without(without(Text.str(value, budget), "<!--", "-->"), "<", ">");
        budget.characters(text.length());
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            char c = text.charAt(i);
            if (CharacterTypes.isSpace(c)) {
                while (i < text.length() && CharacterTypes.isSpace(text.charAt(i))) i++;
                if (!out.isEmpty() && i < text.length()) out.append(' ');
            } else if (c == '&') {
                i = entity(text, i, out);
            } else {
                out.append(c);
                i++;
            }
        }
        return out.toString();
    }

    private static String without(String text, String open, String close) {
        int start = text.indexOf(open);
        if (start < 0) return text;
        StringBuilder out = new StringBuilder(text.length());
        int from = 0;
        while (start >= 0) {
            int end = text.indexOf(close, start);
            if (end < 0) break;
            out.append(text, from, start);
            from = end + close.length();
            start = text.indexOf(open, from);
        }
        return out.append(text, from, text.length()).toString();
    }

    /** Appends what an entity stands for, and returns where it ends. */
    private static int entity(String text, int from, StringBuilder out) {
        int end = text.indexOf(';', from);
        if (end > from + 1 && end - from <= 10) {
            String name = text.substring(from + 1, end);
            String resolved =
                    switch (name) {
                        case "amp" -> "&";
                        case "lt" -> "<";
                        case "gt" -> ">";
                        case "quot" -> "\"";
                        case "apos" -> "'";
                        case "nbsp" -> "\u00a0";
                        default -> name.startsWith("#") ? number(name.substring(1)) : "";
                    };
            if (!resolved.isEmpty()) {
                out.append(resolved);
                return end + 1;
            }
        }
        out.append('&');
        return from + 1;
    }

    private static String number(String digits) {
        boolean hex = digits.startsWith("x") || digits.startsWith("X");
        int code = 0;
        for (int i = hex ? 1 : 0; i < digits.length(); i++) {
            int digit = Character.digit(digits.charAt(i), hex ? 16 : 10);
            code = code * (hex ? 16 : 10) + digit;
            if (digit < 0 || code > Character.MAX_CODE_POINT) return "";
        }
        return code == 0 ? "" : Character.toString(code);
    }

    static Object urlEncode(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("urlencode");
        Iterator<Object> pairs = value instanceof Dict dict ? dict.items() : Iteration.iteratorOrNull(value);
        if (Types.isText(value) || pairs == null) return quoted(Text.str(value, budget), false, budget);
        StringBuilder out = new StringBuilder();
        while (pairs.hasNext()) {
            List<Object> pair = Iteration.list(pairs.next(), budget);
            if (pair.size() != 2) throw PythonError.valueError("urlencode needs pairs of key and value");
            if (!out.isEmpty()) out.append('&');
            out.append(quoted(Text.str(pair.get(0), budget), true, budget)).append('=');
            out.append(quoted(Text.str(pair.get(1), budget), true, budget));
        }
        return out.toString();
    }

    private static String quoted(String text, boolean query, Budget budget) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        budget.characters(3L * bytes.length);
        StringBuilder out = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "_.-~".indexOf(c) >= 0;
            if (plain || c == '/' && !query) out.append(c);
            else if (c == ' ' && query) out.append('+');
            else out.append('%').append(hexDigit(c >> 4)).append(hexDigit(c & 15));
        }
        return out.toString();
    }

    private static char hexDigit(int value) {
        return "0123456789ABCDEF".charAt(value);
    }

    static Object xmlAttributes(Object value, Arguments arguments, Budget budget) {
        boolean space = arguments.bind("xmlattr", 0, "autospace").truth(0, true);
        if (value instanceof Undefined undefined) throw undefined.error();
        if (!(value instanceof Dict dict))
            throw PythonError.typeError("xmlattr needs a dict, not " + Types.name(value));
        StringBuilder out = new StringBuilder();
        for (Iterator<Object> items = dict.items(); items.hasNext(); ) {
            List<Object> item = ((Tuple) items.next()).items();
            if (item.get(1) == None.NONE || item.get(1) instanceof Undefined) continue;
            String key = Types.text(item.get(0), "an attribute's name");
            for (int i = 0; i < key.length(); i++) {
                char c = key.charAt(i);
                if ("/>= \t\n\r\f\013".indexOf(c) >= 0) {
                    throw PythonError.valueError("Invalid character in attribute name: " + Text.repr(key, budget));
                }
            }
            if (space || !out.isEmpty()) out.append(' ');
            out.append(Markup.escape(item.get(0), budget))
                    .append("=\"")
                    .append(Markup.escape(item.get(1), budget))
                    .append('"');
        }
        return out.toString();
    }
}
