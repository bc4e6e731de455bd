package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Members;

/** {@code owner[key]}. */
final class Subscript extends Expression {
    private final Expression owner;
    private final Expression key;

    Subscript(Expression owner, Expression key) {
        super(owner, key);
        this.owner = owner;
        this.key = key;
    }

    @Override
    Object evaluate(Scope scope) {
        return Members.item(
                owner.evaluate(scope), key.evaluate(scope), scope.rendering().budget());
    }
}
