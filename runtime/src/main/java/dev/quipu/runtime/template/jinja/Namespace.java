package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Dict;
import dev.quipu.runtime.template.python.HasAttributes;
import dev.quipu.runtime.template.python.Text;
import dev.quipu.runtime.template.python.Undefined;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one value that a template can change: {@code namespace(a=1)}, then {@code set ns.a = 2}. */
final class Namespace implements HasAttributes {
    private final Map<String, Object> attributes;

    Namespace(Map<String, Object> attributes) {
        this.attributes = new LinkedHashMap<>(attributes);
    }

    void set(String name, Object value) {
        attributes.put(name, value);
    }

    @Override
    public @Nullable Object attribute(String name) {
        Object value = attributes.get(name);
        return value != null && name.startsWith("_") ? Undefined.unsafe(this, name) : value;
    }

    @Override
    public String typeName() {
        return "Namespace";
    }

    @Override
    public String representation(Budget budget) {
        budget.descend(2);
        Dict dict = new Dict(attributes.size());
        attributes.forEach(dict::put);
        String text = "<Namespace " + Text.repr(dict, budget) + ">";
        budget.ascend(2);
        return text;
    }
}
