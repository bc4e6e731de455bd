package dev.quipu.runtime.template.jinja;

/** A variable. */
final class Name extends Expression {
    private final String name;

    Name(String name) {
        this.name = name;
    }

    @Override
    Object evaluate(Scope scope) {
        return scope.get(name);
    }
}
