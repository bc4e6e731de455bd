package dev.quipu.runtime.template.python;

/** Text that the filter {@code safe} or {@code escape} marked as HTML: a string that escapes whatever plain text joins it. */
public record Markup(String text) {
    /** {@code value} as HTML: markup stays as it is. */
    public static Markup escape(Object value, Budget budget) {
        if (value instanceof Markup markup) return markup;
        String text = Text.str(value, budget);
        budget.characters(text.length());
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '\'' -> out.append("&#39;");
                case '"' -> out.append("&#34;");
                default -> out.append(c);
            }
        }
        return new Markup(out.toString());
    }

    @Override
    public String toString() {
        return text;
    }
}
