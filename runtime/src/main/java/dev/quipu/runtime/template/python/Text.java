package dev.quipu.runtime.template.python;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;

/** Python's {@code str}, {@code repr} and {@code ascii}. */
public final class Text {
    /** Longest integer, in decimal digits, that Python converts from or to text. */
    static final int MAX_DIGITS = 4300;

    private Text() {}

    /** {@code str(value)}. */
    public static String str(Object value, Budget budget) {
        if (value instanceof String s) return s;
        if (value instanceof Long n) return Long.toString(n);
        if (value instanceof Markup markup) return markup.text();
        if (value instanceof Undefined) return "";
        if (value == None.NONE) return "None";
        StringBuilder out = new StringBuilder();
        repr(value, out, budget);
        return out.toString();
    }

    /** {@code repr(value)}. */
    public static String repr(Object value, Budget budget) {
        StringBuilder out = new StringBuilder();
        repr(value, out, budget);
        return out.toString();
    }

    /** {@code ascii(value)}. */
    static String ascii(Object value, Budget budget) {
        String text = repr(value, budget);
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c < 0x7f) out.append((char) c);
            else escape(c, out);
        }
        budget.characters(out.length());
        return out.toString();
    }

    /** Appends {@code repr(value)}. */
    static void repr(Object value, StringBuilder out, Budget budget) {
        budget.step();
        int before = out.length();
        switch (value) {
            case String s -> {
                quote(s, out, budget);
                return;
            }
            case List<?> list -> {
                items(list.iterator(), '[', ']', out, budget);
                return;
            }
            case Tuple tuple -> {
                items(tuple.items().iterator(), '(', ')', out, budget);
                if (tuple.items().size() == 1) out.insert(out.length() - 1, ',');
                return;
            }
            case Dict dict -> {
                dict(dict, out, budget);
                return;
            }
            case DictView view -> {
                out.append(view.kind().typeName()).append('(');
                items(view.iterator(), '[', ']', out, budget);
                out.append(')');
                return;
            }
            case Markup markup -> {
                out.append("Markup(");
                quote(markup.text(), out, budget);
                out.append(')');
                return;
            }
            case Boolean b -> out.append(b ? "True" : "False");
            case Double d -> out.append(FloatText.repr(d));
            case BigInteger n -> out.append(decimal(n, budget));
            case Undefined u -> out.append("Undefined");
            case Range range -> {
                out.append("range(").append(range.start()).append(", ").append(range.stop());
                if (range.step() != 1) out.append(", ").append(range.step());
                out.append(')');
            }
            case HasAttributes object -> out.append(object.representation(budget));
            case Callable callable -> out.append(callable.representation());
            case Generator generator ->
                out.append("<").append(generator.typeName()).append(" object>");
            default -> out.append(value); // None and Long
        }
        budget.characters(out.length() - before);
    }

    static String decimal(BigInteger value, Budget budget) {
        // The conversion takes time quadratic in the length, therefore Python's limit too.
        if (value.bitLength() > MAX_DIGITS * 3.33) {
            String digits = value.bitLength() > MAX_DIGITS * 3.34 ? "" : value.toString();
            if (digits.isEmpty() || digits.length() > MAX_DIGITS + (value.signum() < 0 ? 1 : 0)) {
                throw PythonError.valueError(
                        "Exceeds the limit (" + MAX_DIGITS + " digits) for integer string conversion");
            }
            return digits;
        }
        budget.work(value.bitLength());
        return value.toString();
    }

    private static void items(Iterator<?> items, char open, char close, StringBuilder out, Budget budget) {
        budget.descend(1);
        out.append(open);
        for (boolean first = true; items.hasNext(); first = false) {
            if (!first) out.append(", ");
            repr(items.next(), out, budget);
        }
        out.append(close);
        budget.characters(2);
        budget.ascend(1);
    }

    private static void dict(Dict dict, StringBuilder out, Budget budget) {
        budget.descend(1);
        out.append('{');
        Iterator<Object> values = dict.values().iterator();
        boolean first = true;
        for (Object key : dict.keys()) {
            if (!first) out.append(", ");
            first = false;
            repr(key, out, budget);
            out.append(": ");
            repr(values.next(), out, budget);
        }
        out.append('}');
        budget.characters(2);
        budget.ascend(1);
    }

    private static void quote(String text, StringBuilder out, Budget budget) {
        int before = out.length();
        budget.scan(text.length());
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == quote || c == '\\') out.append('\\').append((char) c);
            else if (c >= ' ' && c < 0x7f) out.append((char) c);
            else if (c == '\n') out.append("\\n");
            else if (c == '\r') out.append("\\r");
            else if (c == '\t') out.append("\\t");
            else if (CharacterTypes.isPrintable(c)) out.appendCodePoint(c);
            else escape(c, out);
        }
        out.append(quote);
        budget.characters(out.length() - before);
    }

    private static void escape(int c, StringBuilder out) {
        if (c < 0x100) hex(c, 'x', 2, out);
        else if (c < 0x10000) hex(c, 'u', 4, out);
        else hex(c, 'U', 8, out);
    }

    private static void hex(int c, char letter, int digits, StringBuilder out) {
        out.append('\\').append(letter);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.append(Character.forDigit(c >> shift & 15, 16));
    }
}
