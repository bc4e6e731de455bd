package dev.quipu.runtime.template.jinja;

/** A constant. */
final class Literal extends Expression {
    private final Object value;

    Literal(Object value) {
        this.value = value;
    }

    @Override
    Object evaluate(Scope scope) {
        return value;
    }
}
