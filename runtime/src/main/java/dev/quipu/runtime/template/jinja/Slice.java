package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Members;

/** {@code owner[start:stop:step]}; bounds that were left out are the literal None. */
final class Slice extends Expression {
    private final Expression owner;
    private final Expression start;
    private final Expression stop;
    private final Expression step;

    Slice(Expression owner, Expression start, Expression stop, Expression step) {
        super(owner, start, stop, step);
        this.owner = owner;
        this.start = start;
        this.stop = stop;
        this.step = step;
    }

    @Override
    Object evaluate(Scope scope) {
        Object value = owner.evaluate(scope);
        return Members.slice(
                value,
                start.evaluate(scope),
                stop.evaluate(scope),
                step.evaluate(scope),
                scope.rendering().budget());
    }
}
