package dev.quipu.runtime.template.python;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Python's {@code json.dumps}. */
public final class Json {
    private final boolean ascii;
    private final boolean sortKeys;
    private final String indent; // of one level
    private final boolean lines;
    private final String itemSeparator;
    private final String keySeparator;
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private Json(boolean ascii, boolean sortKeys, Object indent, Object separators, Budget budget) {
        this.ascii = ascii;
        this.sortKeys = sortKeys;
        this.lines = indent != None.NONE;
        this.indent =
                !lines ? "" : Types.isText(indent) ? indent.toString() : spaces(Types.index(indent, "indent"), budget);
        if (separators == None.NONE) {
            this.itemSeparator = lines ? "," : ", ";
            this.keySeparator = ": ";
        } else {
            List<Object> pair = Iteration.list(separators, budget);
            if (pair.size() != 2) throw PythonError.valueError("separators must be a pair");
            this.itemSeparator = Types.text(pair.get(0), "item separator");
            this.keySeparator = Types.text(pair.get(1), "key separator");
        }
        this.budget = budget;
    }

    private static String spaces(int count, Budget budget) {
        budget.characters(Math.max(0, count));
        return " ".repeat(Math.max(0, count));
    }

    /**
     * JSON of a value.
     *
     * @param ascii whether to escape everything else
     * @param indent None for one line, else the indentation of a level as text or number of spaces
     * @param separators None, or a pair of texts that follow an item and a key
     */
    public static String dumps(
            Object value, boolean ascii, Object indent, Object separators, boolean sortKeys, Budget budget) {
        Json json = new Json(ascii, sortKeys, indent, separators, budget);
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(Object value, int level) {
        budget.step();
        switch (value) {
            case String s -> quote(s);
            case Markup markup -> quote(markup.text());
            case None n -> out.append("null");
            case Boolean b -> out.append((boolean) b);
            case Long n -> out.append((long) n);
            case BigInteger n -> out.append(Text.decimal(n, budget));
            case Double d -> out.append(number(d));
            case Dict dict -> object(dict, level);
            case List<?> list -> array(list, level);
            case Tuple tuple -> array(tuple.items(), level);
            default -> throw PythonError.typeError("Object of type " + Types.name(value) + " is not JSON serializable");
        }
    }

    private static String number(double value) {
        if (Double.isNaN(value)) return "NaN";
        if (Double.isInfinite(value)) return value > 0 ? "Infinity" : "-Infinity";
        return FloatText.repr(value);
    }

    private void array(List<?> items, int level) {
        if (items.isEmpty()) {
            out.append("[]");
            return;
        }
        budget.descend(1);
        out.append('[');
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) append(itemSeparator);
            newLine(level + 1);
            write(items.get(i), level + 1);
        }
        newLine(level);
        out.append(']');
        budget.ascend(1);
    }

    private void object(Dict dict, int level) {
        if (dict.isEmpty()) {
            out.append("{}");
            return;
        }
        budget.descend(1);
        out.append('{');
        Iterator<Object> items = dict.items();
        if (sortKeys) {
            List<Object> sorted = new ArrayList<>(dict.size());
            items.forEachRemaining(sorted::add);
            items = Sorting.sorted(sorted, item -> ((Tuple) item).items().get(0), false, budget)
                    .iterator();
        }
        for (boolean first = true; items.hasNext(); first = false) {
            if (!first) append(itemSeparator);
            List<Object> entry = ((Tuple) items.next()).items();
            newLine(level + 1);
            quote(key(entry.get(0)));
            append(keySeparator);
            write(entry.get(1), level + 1);
        }
        newLine(level);
        out.append('}');
        budget.ascend(1);
    }

    private String key(Object key) {
        return switch (key) {
            case String s -> s;
            case Markup markup -> markup.text();
            case Boolean b -> b ? "true" : "false";
            case None n -> "null";
            case Long n -> n.toString();
            case BigInteger n -> Text.decimal(n, budget);
            case Double d -> number(d);
            default ->
                throw PythonError.typeError("keys must be str, int, float, bool or None, not " + Types.name(key));
        };
    }

    private void append(String separator) {
        budget.characters(separator.length());
        out.append(separator);
    }

    private void newLine(int level) {
        if (!lines) return;
        out.append('\n');
        for (int i = 0; i < level; i++) append(indent);
    }

    private void quote(String text) {
        budget.characters(text.length() + 2L);
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || ascii && c > 0x7e) {
                        out.append("\\u");
                        for (int shift = 12; shift >= 0; shift -= 4)
                            out.append(Character.forDigit(c >> shift & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
