package dev.quipu.runtime.template.python;

/** Python's {@code str.format}, with attributes and items looked up as templates do. */
final class FormatString {
    private final String format;
    private final Arguments arguments;
    private final boolean escape;
    private final Budget budget;
    private int automatic; // next {} field
    private boolean manual; // a numbered field was seen

    private FormatString(String format, Arguments arguments, boolean escape, Budget budget) {
        this.format = format;
        this.arguments = arguments;
        this.escape = escape;
        this.budget = budget;
    }

    static String format(String format, Arguments arguments, boolean escape, Budget budget) {
        FormatString run = new FormatString(format, arguments, escape, budget);
        StringBuilder out = new StringBuilder(format.length() + 16);
        run.expand(format, 2, out);
        return out.toString();
    }

    /** Replaces the fields of a format string; specifications may hold fields once more. */
    private void expand(String text, int depth, StringBuilder out) {
        if (depth < 0) throw PythonError.valueError("Max string recursion exceeded");
        budget.characters(text.length());
        int n = text.length();
        for (int i = 0; i < n; ) {
            char c = text.charAt(i++);
            if (c != '{' && c != '}') {
                out.append(c);
            } else if (i < n && text.charAt(i) == c) {
                out.append(c);
                i++;
            } else if (c == '}') {
                throw PythonError.valueError("Single '}' encountered in format string");
            } else {
                int end = closing(text, i);
                field(text.substring(i, end), depth, out);
                i = end + 1;
            }
        }
    }

    /** Where the field that starts at an offset ends. Braces within brackets do not count. */
    private static int closing(String text, int from) {
        int open = 1;
        boolean bracket = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '[') bracket = true;
            else if (c == ']') bracket = false;
            else if (c == '{' && !bracket) open++;
            else if (c == '}' && !bracket && --open == 0) return i;
        }
        throw PythonError.valueError(
                from == text.length()
                        ? "Single '{' encountered in format string"
                        : "expected '}' before end of string");
    }

    /** One field: {@code name!conversion:specification}. */
    private void field(String field, int depth, StringBuilder out) {
        int end = 0;
        boolean bracket = false;
        while (end < field.length()) {
            char c = field.charAt(end);
            if (c == '[') bracket = true;
            else if (c == ']') bracket = false;
            else if (c == '{') throw PythonError.valueError("unexpected '{' in field name");
            else if (!bracket && (c == '!' || c == ':')) break;
            end++;
        }
        Object value = lookUp(field.substring(0, end));
        if (end < field.length() && field.charAt(end) == '!') {
            if (end + 1 == field.length())
                throw PythonError.valueError("end of string while looking for conversion specifier");
            char conversion = field.charAt(end + 1);
            end += 2;
            if (end < field.length() && field.charAt(end) != ':') {
                throw PythonError.valueError("expected ':' after conversion specifier");
            }
            value = switch (conversion) {
                case 's' -> Text.str(value, budget);
                case 'r' -> Text.repr(value, budget);
                case 'a' -> Text.ascii(value, budget);
                default -> throw PythonError.valueError("Unknown conversion specifier " + conversion);
            };
        }
        StringBuilder specification = new StringBuilder();
        if (end < field.length()) expand(field.substring(end + 1), depth - 1, specification);
        String spec = specification.toString();
        if (escape && value instanceof Markup markup) {
            if (!spec.isEmpty()) throw PythonError.valueError("Unsupported format specification for Markup.");
            out.append(markup.text());
            return;
        }
        String text = FormatSpec.format(value, spec, budget);
        if (escape) text = Markup.escape(text, budget).text();
        budget.characters(text.length());
        out.append(text);
    }

    /** The value of {@code name.attribute[item]}. */
    private Object lookUp(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') end++;
        Object value = argument(path.substring(0, end));
        while (end < path.length()) {
            boolean attribute = path.charAt(end) == '.';
            int from = ++end;
            if (attribute) {
                while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') end++;
            } else {
                while (end < path.length() && path.charAt(end) != ']') end++;
                if (end == path.length()) throw PythonError.valueError("Missing ']' in format string");
            }
            if (end == from) throw PythonError.valueError("Empty attribute in format string");
            String name = path.substring(from, end);
            if (attribute) {
                value = Members.attribute(value, name, budget);
            } else {
                value = Members.item(value, isNumber(name) ? (Object) number(name) : name, budget);
                end++;
                if (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
                    throw PythonError.valueError("Only '.' or '[' may follow ']' in format field specifier");
                }
            }
        }
        return value;
    }

    private Object argument(String name) {
        if (name.isEmpty()) {
            if (manual) {
                throw PythonError.valueError(
                        "cannot switch from manual field specification to automatic field numbering");
            }
            return positional(automatic++);
        }
        if (isNumber(name)) {
            if (automatic > 0) {
                throw PythonError.valueError(
                        "cannot switch from automatic field numbering to manual field specification");
            }
            manual = true;
            return positional(number(name));
        }
        Object value = arguments.named().get(name);
        if (value == null) throw new PythonError("KeyError", Text.repr(name, budget));
        return value;
    }

    private Object positional(long index) {
        if (index >= arguments.positional().size()) {
            throw new PythonError(
                    "IndexError", "Replacement index " + index + " out of range for positional args tuple");
        }
        return arguments.positional().get((int) index);
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static long number(String digits) {
        if (digits.length() > 9) throw PythonError.valueError("Too many decimal digits in format string");
        return Long.parseLong(digits);
    }
}
