package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Members;

/** {@code owner.name}. */
final class Attribute extends Expression {
    private final Expression owner;
    private final String name;

    Attribute(Expression owner, String name) {
        super(owner);
        this.owner = owner;
        this.name = name;
    }

    @Override
    Object evaluate(Scope scope) {
        return Members.attribute(owner.evaluate(scope), name, scope.rendering().budget());
    }
}
