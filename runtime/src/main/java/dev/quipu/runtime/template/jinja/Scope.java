package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Undefined;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables that one part of a template sees: its own and those of the scopes around it. */
final class Scope {
    private final Rendering rendering;
    private final @Nullable Scope outer;
    private @Nullable Map<String, Object> variables;

    /** The outermost scope. */
    Scope(Rendering rendering, Map<String, Object> variables) {
        this.rendering = rendering;
        this.outer = null;
        this.variables = variables;
    }

    Scope(Scope outer, Map<String, Object> variables) {
        this.rendering = outer.rendering;
        this.outer = outer;
        this.variables = variables;
    }

    Scope(Scope outer) {
        this.rendering = outer.rendering;
        this.outer = outer;
    }

    Rendering rendering() {
        return rendering;
    }

    /** The variable, undefined if nobody set it. */
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            if (scope.variables != null) {
                Object value = scope.variables.get(name);
                if (value != null) return value;
            }
        }
        return Undefined.variable(name);
    }

    /** Sets a variable of this scope. */
    void set(String name, Object value) {
        if (variables == null) variables = new HashMap<>();
        variables.put(name, value);
    }
}
