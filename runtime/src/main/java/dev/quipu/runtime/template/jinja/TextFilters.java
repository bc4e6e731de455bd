package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Bound;
import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.CharacterTypes;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.Json;
import dev.quipu.runtime.template.python.Markup;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.Operators;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.StringCase;
import dev.quipu.runtime.template.python.Strings;
import dev.quipu.runtime.template.python.Text;
import dev.quipu.runtime.template.python.Tuple;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import java.util.List;

/** Filters that make text of text. */
final class TextFilters {
    private TextFilters() {}

    /** The result for {@code value}: markup stays markup. */
    private static Object like(Object value, String result) {
        return value instanceof Markup ? new Markup(result) : result;
    }

    static Object upper(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("upper");
        return like(value, StringCase.change("upper", Text.str(value, budget), budget));
    }

    static Object lower(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("lower");
        return like(value, StringCase.change("lower", Text.str(value, budget), budget));
    }

    static Object capitalize(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("capitalize");
        return like(value, StringCase.change("capitalize", Text.str(value, budget), budget));
    }

    /** Words begin after white space, hyphens and opening brackets. */
    static Object title(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("title");
        String text = Text.str(value, budget);
        StringBuilder out = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            int end = i;
            while (end < text.length() && !separatesWords(text.charAt(end))) end++;
            if (end > i) {
                int second = text.offsetByCodePoints(i, 1);
                out.append(StringCase.change("upper", text.substring(i, second), budget));
                out.append(StringCase.change("lower", text.substring(second, end), budget));
            }
            i = end;
            while (i < text.length() && separatesWords(text.charAt(i))) out.append(text.charAt(i++));
        }
        return out.toString();
    }

    private static boolean separatesWords(char c) {
        return "-({[<".indexOf(c) >= 0 || CharacterTypes.isSpace(c);
    }

    static Object string(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("string");
        return Types.isText(value) ? value : Text.str(value, budget);
    }

    static Object trim(Object value, Arguments arguments, Budget budget) {
        Object chars = arguments.bind("trim", 0, "chars").or(0, None.NONE);
        return like(value, Strings.strip(Text.str(value, budget), chars, budget));
    }

    static Object center(Object value, Arguments arguments, Budget budget) {
        int width = arguments.bind("center", 0, "width").index(0, 80);
        return like(value, Strings.center(Text.str(value, budget), width, budget));
    }

    static Object replace(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("replace", 2, "old", "new", "count");
        int count = bound.or(2, None.NONE) == None.NONE ? -1 : bound.index(2, -1);
        String old = Text.str(bound.get(0), budget);
        return Strings.replace(Text.str(value, budget), old, Text.str(bound.get(1), budget), count, budget);
    }

    static Object format(Object value, Arguments arguments, Budget budget) {
        if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
            throw PythonError.typeError("can't handle positional and keyword arguments at the same time");
        }
        Object format = Types.isText(value) ? value : Text.str(value, budget);
        if (arguments.named().isEmpty()) return Operators.modulo(format, new Tuple(arguments.positional()), budget);
        Dict named = new Dict(arguments.named().size());
        arguments.named().forEach(named::put);
        return Operators.modulo(format, named, budget);
    }

    /** Indents all lines but the first and empty ones. */
    static Object indent(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("indent", 0, "width", "first", "blank");
        if (value instanceof Undefined undefined) throw undefined.error();
        String text = Types.text(value, "the text to indent");
        Object width = bound.or(0, 4L);
        String indentation = Types.isText(width) ? width.toString() : (String) Operators.multiply(" ", width, budget);
        boolean blank = bound.truth(2, false);
        List<Object> lines = Strings.lines(text + "\n", budget);
        StringBuilder out = new StringBuilder(text.length() + 16);
        if (bound.truth(1, false)) out.append(indentation);
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            budget.characters((long) indentation.length() + line.length() + 1);
            if (i > 0) {
                out.append('\n');
                if (blank || !line.isEmpty()) out.append(indentation);
            }
            out.append(line);
        }
        return like(value, out.toString());
    }

    static Object truncate(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        int length = bound.index(0, 255);
        String end = Text.str(bound.or(2, "..."), budget);
        int leeway = bound.or(3, None.NONE) == None.NONE ? 5 : bound.index(3, 5);
        if (value instanceof Undefined) return value;
        String text = Types.text(value, "the text to truncate");
        int kept = length - Strings.length(end);
        if (kept < 0) throw PythonError.valueError("expected length >= " + Strings.length(end) + ", got " + length);
        if (leeway < 0) throw PythonError.valueError("expected leeway >= 0, got " + leeway);
        if (Strings.length(text) <= (long) length + leeway) return value;
        String head = Strings.prefix(text, kept, budget);
        if (!bound.truth(1, false)) {
            int space = head.lastIndexOf(' ');
            if (space >= 0) head = head.substring(0, space);
        }
        budget.characters((long) head.length() + end.length());
        return Operators.add(like(value, head), bound.or(2, "..."), budget);
    }

    /** How many runs of letters, digits and underscores. */
    static Object wordCount(Object value, Arguments arguments, Budget budget) {
        arguments.bindNothing("wordcount");
        return Strings.words(Text.str(value, budget), budget);
    }

    /** JSON as Hugging Face's chat templates have it: nothing is escaped for HTML. */
    static Object toJson(Object value, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        return Json.dumps(
                value,
                bound.truth(0, false),
                bound.or(1, None.NONE),
                bound.or(2, None.NONE),
                bound.truth(3, false),
                budget);
    }
}
