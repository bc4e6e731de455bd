package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Members;
import dev.quipu.runtime.template.python.None;
import dev.quipu.runtime.template.python.Types;
import dev.quipu.runtime.template.python.Undefined;
import java.util.ArrayList;
import java.util.List;

/** What filters take as {@code attribute}: a name, an index, or several of them with dots between, as in {@code function.name}. */
record AttributePath(List<Object> parts) {
    /** A path; None is the empty one, which leads to the value itself. */
    static AttributePath of(Object attribute) {
        if (attribute == None.NONE) return new AttributePath(List.of());
        if (!Types.isText(attribute)) return new AttributePath(List.of(attribute));
        List<Object> parts = new ArrayList<>();
        String text = attribute.toString();
        int from = 0;
        while (true) {
            int dot = text.indexOf('.', from);
            String part = text.substring(from, dot < 0 ? text.length() : dot);
            boolean index =
                    !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            parts.add(index ? (Object) Long.valueOf(part) : part);
            if (dot < 0) return new AttributePath(parts);
            from = dot + 1;
        }
    }

    Object follow(Object value, Budget budget) {
        for (Object part : parts) value = Members.item(value, part, budget);
        return value;
    }

    /** As {@link #follow}, with a value for whatever is undefined on the way. */
    Object follow(Object value, Object fallback, Budget budget) {
        for (Object part : parts) {
            value = Members.item(value, part, budget);
            if (fallback != None.NONE && value instanceof Undefined) value = fallback;
        }
        return value;
    }
}
