package dev.quipu.runtime.template.python;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Methods of {@code str}. Those of {@link Markup} are the same, but escape what they take in and return markup again. */
final class StringMethods {
    private StringMethods() {}

    /** A method of {@code str}. */
    private interface Method {
        Object call(String text, Arguments arguments, Budget budget);
    }

    static @Nullable Object find(Object owner, String name) {
        Method method = method(name);
        if (method == null) return name.equals("__class__") ? Undefined.unsafe(owner, name) : null;
        return new BoundMethod(name, owner, (text, arguments, budget) -> {
            if (text instanceof String s) return method.call(s, arguments, budget);
            if (name.equals("format") || name.equals("format_map")) {
                Arguments values = name.equals("format") ? arguments : mapping(arguments, budget);
                return new Markup(FormatString.format(text.toString(), values, true, budget));
            }
            return marked(method.call(text.toString(), escaped(name, arguments, budget), budget));
        });
    }

    private static @Nullable Method method(String name) {
        return switch (name) {
            case "strip" -> (s, a, b) -> strip("strip", s, a, true, true, b);
            case "lstrip" -> (s, a, b) -> strip("lstrip", s, a, true, false, b);
            case "rstrip" -> (s, a, b) -> strip("rstrip", s, a, false, true, b);
            case "split" -> StringSplit::split;
            case "rsplit" -> StringSplit::rsplit;
            case "splitlines" -> StringSplit::splitLines;
            case "partition" -> StringSplit::partition;
            case "rpartition" -> StringSplit::rpartition;
            case "join" -> StringMethods::join;
            case "replace" -> StringMethods::replace;
            case "startswith" -> (s, a, b) -> StringSearch.startsOrEndsWith("startswith", s, a, b);
            case "endswith" -> (s, a, b) -> StringSearch.startsOrEndsWith("endswith", s, a, b);
            case "find" -> (s, a, b) -> StringSearch.find("find", s, a, b);
            case "rfind" -> (s, a, b) -> StringSearch.find("rfind", s, a, b);
            case "index" -> (s, a, b) -> StringSearch.index("find", s, a, b);
            case "rindex" -> (s, a, b) -> StringSearch.index("rfind", s, a, b);
            case "count" -> StringSearch::count;
            case "format" -> (s, a, b) -> FormatString.format(s, a, false, b);
            case "format_map" -> (s, a, b) -> FormatString.format(s, mapping(a, b), false, b);
            case "removeprefix" -> StringMethods::removePrefix;
            case "removesuffix" -> StringMethods::removeSuffix;
            case "upper", "lower", "title", "capitalize", "swapcase", "casefold" ->
                (s, a, b) -> {
                    a.bindNothing(name);
                    return StringCase.change(name, s, b);
                };
            case "isalnum",
                    "isalpha",
                    "isascii",
                    "isdecimal",
                    "isdigit",
                    "isidentifier",
                    "islower",
                    "isnumeric",
                    "isprintable",
                    "isspace",
                    "istitle",
                    "isupper" ->
                (s, a, b) -> {
                    a.bindNothing(name);
                    return StringKind.is(name, s, b);
                };
            case "center", "ljust", "rjust" -> (s, a, b) -> justify(name, s, a, b);
            case "zfill" -> StringMethods::zeroFill;
            case "expandtabs" -> StringMethods::expandTabs;
            default -> null;
        };
    }

    // Python's markup type escapes exactly these arguments.
    private static Arguments escaped(String name, Arguments arguments, Budget budget) {
        int escaped =
                switch (name) {
                    case "replace", "center", "ljust", "rjust" -> 1;
                    case "join" -> 0;
                    default -> -1;
                };
        if (escaped < 0 || arguments.positional().size() <= escaped) return arguments;
        List<Object> positional = new ArrayList<>(arguments.positional());
        if (name.equals("join")) {
            List<Object> parts = new ArrayList<>();
            for (Iterator<Object> i = Iteration.iterator(positional.get(0)); i.hasNext(); ) {
                parts.add(Markup.escape(i.next(), budget).text());
            }
            positional.set(0, parts);
        } else {
            positional.set(
                    escaped, Markup.escape(positional.get(escaped), budget).text());
        }
        return new Arguments(positional, arguments.named());
    }

    private static Object marked(Object result) {
        return switch (result) {
            case String s -> new Markup(s);
            case List<?> list -> markedAll(list);
            case Tuple tuple -> new Tuple(markedAll(tuple.items()));
            default -> result;
        };
    }

    private static List<Object> markedAll(List<?> parts) {
        List<Object> marked = new ArrayList<>(parts.size());
        for (Object part : parts) marked.add(marked(part));
        return marked;
    }

    private static Arguments mapping(Arguments arguments, Budget budget) {
        Object mapping = arguments.bind("format_map", 1, "").get(0);
        if (!(mapping instanceof Dict dict)) throw PythonError.typeError("format_map() argument must be a mapping");
        return new Arguments(List.of(), NamedValues.of(dict, "format_map"));
    }

    private static Object strip(
            String name, String text, Arguments arguments, boolean left, boolean right, Budget budget) {
        Object chars = arguments.bind(name, 0, "").or(0, None.NONE);
        String wanted = chars == None.NONE ? null : Types.text(chars, name + " arg");
        return strip(text, wanted, left, right, budget);
    }

    /** Takes off the characters of {@code chars}, or white space for null. */
    static String strip(String text, @Nullable String chars, boolean left, boolean right, Budget budget) {
        int start = 0;
        int end = text.length();
        while (left && start < end) {
            int c = text.codePointAt(start);
            if (!stripped(c, chars)) break;
            start += Character.charCount(c);
        }
        while (right && end > start) {
            int c = text.codePointBefore(end);
            if (!stripped(c, chars)) break;
            end -= Character.charCount(c);
        }
        long looked = start + text.length() - end;
        budget.work((looked >> 4) * (chars == null ? 1 : 1 + (chars.length() >> 2)));
        budget.characters(end - start);
        return text.substring(start, end);
    }

    private static boolean stripped(int c, @Nullable String chars) {
        return chars == null ? CharacterTypes.isSpace(c) : chars.indexOf(c) >= 0;
    }

    private static Object join(String separator, Arguments arguments, Budget budget) {
        StringBuilder out = new StringBuilder();
        boolean first = true;
        int index = 0;
        for (Iterator<Object> i =
                        Iteration.iterator(arguments.bind("join", 1, "").get(0));
                i.hasNext();
                index++) {
            Object part = i.next();
            if (!Types.isText(part)) {
                throw PythonError.typeError(
                        "sequence item " + index + ": expected str instance, " + Types.name(part) + " found");
            }
            budget.step();
            String text = part.toString();
            budget.characters((long) text.length() + separator.length());
            if (!first) out.append(separator);
            first = false;
            out.append(text);
        }
        return out.toString();
    }

    private static Object replace(String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("replace", 2, "", "", "");
        return replace(
                text,
                Types.text(bound.get(0), "replace() argument 1"),
                Types.text(bound.get(1), "replace() argument 2"),
                bound.index(2, -1),
                budget);
    }

    /** Replaces at most {@code count} occurrences, all for a negative count. */
    static String replace(String text, String old, String by, int count, Budget budget) {
        budget.search(text, old);
        if (count < 0) count = Integer.MAX_VALUE;
        StringBuilder out = null;
        int from = 0;
        int next = text.indexOf(old);
        while (next >= 0 && count-- > 0) {
            if (out == null) out = new StringBuilder(text.length() + 16);
            budget.characters((long) by.length() + (next - from));
            out.append(text, from, next).append(by);
            from = next + old.length();
            if (old.isEmpty()) {
                if (next == text.length()) break;
                // Between any two characters: step over one of them.
                int end = text.offsetByCodePoints(next, 1);
                next = end;
            } else {
                next = text.indexOf(old, from);
            }
        }
        if (out == null) return text;
        budget.characters(text.length() - from);
        return out.append(text, from, text.length()).toString();
    }

    private static Object removePrefix(String text, Arguments arguments, Budget budget) {
        String prefix = Types.text(arguments.bind("removeprefix", 1, "").get(0), "removeprefix() argument");
        budget.characters(text.length());
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static Object removeSuffix(String text, Arguments arguments, Budget budget) {
        String suffix = Types.text(arguments.bind("removesuffix", 1, "").get(0), "removesuffix() argument");
        budget.characters(text.length());
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private static Object justify(String name, String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, 1, "", "");
        String fill = bound.has(1) ? Types.text(bound.get(1), "The fill character") : " ";
        if (CodePoints.length(fill) != 1) {
            throw PythonError.typeError("The fill character must be exactly one character long");
        }
        return justify(name, text, bound.index(0, 0), fill, budget);
    }

    static String justify(String name, String text, int width, String fill, Budget budget) {
        int length = CodePoints.length(text);
        int missing = width - length;
        if (missing <= 0) return text;
        budget.characters(text.length() + (long) missing * fill.length());
        return switch (name) {
            case "ljust" -> text + fill.repeat(missing);
            case "rjust" -> fill.repeat(missing) + text;
            default -> {
                int left = missing / 2 + (missing & width & 1); // as CPython rounds
                yield fill.repeat(left) + text + fill.repeat(missing - left);
            }
        };
    }

    private static Object zeroFill(String text, Arguments arguments, Budget budget) {
        int missing = arguments.bind("zfill", 1, "").index(0, 0) - CodePoints.length(text);
        if (missing <= 0) return text;
        budget.characters((long) missing + text.length());
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        return text.substring(0, sign) + "0".repeat(missing) + text.substring(sign);
    }

    private static Object expandTabs(String text, Arguments arguments, Budget budget) {
        int size = arguments.bind("expandtabs", 0, "tabsize").index(0, 8);
        StringBuilder out = new StringBuilder(text.length() + 16);
        int column = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\t') {
                int spaces = size <= 0 ? 0 : size - column % size;
                budget.characters(spaces);
                out.repeat(' ', spaces);
                column += spaces;
            } else {
                budget.characters(1);
                out.append(c);
                if (c == '\n' || c == '\r') column = 0;
                else if (!Character.isLowSurrogate(c)) column++;
            }
        }
        return out.toString();
    }
}
