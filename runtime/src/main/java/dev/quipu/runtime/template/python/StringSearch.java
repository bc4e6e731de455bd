package dev.quipu.runtime.template.python;

/** The methods of {@code str} that look for parts; positions are code points. */
final class StringSearch {
    private StringSearch() {}

    /** The part of a text that optional arguments start and end name. */
    private record Window(String text, int from, int to, boolean empty) {
        static Window of(String text, Bound bound, Budget budget) {
            budget.scan(text.length());
            boolean whole = !given(bound, 1) && !given(bound, 2);
            if (whole) return new Window(text, 0, text.length(), false);
            int length = CodePoints.length(text);
            int start = given(bound, 1) ? clip(bound.get(1), length) : 0;
            int end = given(bound, 2) ? Math.min(clip(bound.get(2), length), length) : length;
            if (start > length || start > end) return new Window(text, 0, 0, true);
            return new Window(
                    text, CodePoints.offset(text, length, start), CodePoints.offset(text, length, end), false);
        }

        private static boolean given(Bound bound, int parameter) {
            return bound.has(parameter) && bound.get(parameter) != None.NONE;
        }

        private static int clip(Object value, int length) {
            if (value instanceof Long n && n != n.intValue()) return n < 0 ? 0 : Integer.MAX_VALUE;
            int index = Types.index(value, "slice index");
            return index < 0 ? Math.max(0, index + length) : index;
        }
    }

    static Object find(String name, String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, 1, "", "", "");
        String part = Types.text(bound.get(0), name + "() argument 1");
        Window window = Window.of(text, bound, budget);
        if (window.empty) return -1L;
        budget.search(text, part);
        int at;
        if (name.equals("find")) {
            at = text.indexOf(part, window.from);
            if (at + part.length() > window.to) at = -1;
        } else {
            at = text.lastIndexOf(part, window.to - part.length());
            if (window.to - part.length() < window.from || at < window.from) at = -1;
        }
        return at < 0 ? -1L : (long) CodePoints.index(text, at);
    }

    static Object index(String name, String text, Arguments arguments, Budget budget) {
        Object found = find(name, text, arguments, budget);
        if (found.equals(-1L)) throw PythonError.valueError("substring not found");
        return found;
    }

    static Object count(String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("count", 1, "", "", "");
        String part = Types.text(bound.get(0), "count() argument 1");
        Window window = Window.of(text, bound, budget);
        if (window.empty) return 0L;
        if (part.isEmpty()) return 1L + text.codePointCount(window.from, window.to);
        long count = 0;
        budget.search(text, part);
        int at = text.indexOf(part, window.from);
        while (at >= 0 && at + part.length() <= window.to) {
            count++;
            at = text.indexOf(part, at + part.length());
        }
        return count;
    }

    static Object startsOrEndsWith(String name, String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, 1, "", "", "");
        Window window = Window.of(text, bound, budget);
        boolean start = name.equals("startswith");
        if (bound.get(0) instanceof Tuple tuple) {
            for (Object part : tuple.items()) {
                budget.step();
                if (matches(window, start, Types.text(part, "tuple for " + name))) return true;
            }
            return false;
        }
        return matches(window, start, Types.text(bound.get(0), name + " first arg"));
    }

    private static boolean matches(Window window, boolean start, String part) {
        if (window.empty || part.length() > window.to - window.from) return false;
        return window.text.startsWith(part, start ? window.from : window.to - part.length());
    }
}
