package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.PythonError;
import dev.quipu.runtime.template.python.Types;
import java.util.Iterator;
import java.util.List;

/** What a value is assigned to. */
sealed interface Target {
    void assign(Object value, Scope scope);

    /** A variable. */
    record Variable(String name) implements Target {
        @Override
        public void assign(Object value, Scope scope) {
            scope.set(name, value);
        }
    }

    /** {@code namespace.attribute}. */
    record NamespaceAttribute(String namespace, String attribute) implements Target {
        @Override
        public void assign(Object value, Scope scope) {
            if (!(scope.get(namespace) instanceof Namespace target)) {
                throw new PythonError("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
            }
            target.set(attribute, value);
        }
    }

    /** {@code a, b, c}: one for each element. */
    record Unpacking(List<Target> targets) implements Target {
        @Override
        public void assign(Object value, Scope scope) {
            Iterator<Object> elements = Iteration.iteratorOrNull(value);
            if (elements == null)
                throw PythonError.typeError("cannot unpack non-iterable " + Types.name(value) + " object");
            // All are taken out first: assigning may change what they come from.
            Object[] values = new Object[targets.size()];
            for (int i = 0; i < values.length; i++) {
                if (!elements.hasNext()) {
                    throw PythonError.valueError(
                            "not enough values to unpack (expected " + values.length + ", got " + i + ")");
                }
                values[i] = elements.next();
            }
            if (elements.hasNext())
                throw PythonError.valueError("too many values to unpack (expected " + values.length + ")");
            for (int i = 0; i < values.length; i++) targets.get(i).assign(values[i], scope);
        }
    }
}
