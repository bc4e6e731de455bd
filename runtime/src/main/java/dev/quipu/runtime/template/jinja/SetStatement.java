package dev.quipu.runtime.template.jinja;

/** {@code set target = value}. */
final class SetStatement extends Statement {
    private final Target target;
    private final Expression value;

    SetStatement(Target target, Expression value, int line) {
        super(line, value);
        this.target = target;
        this.value = value;
    }

    @Override
    Flow run(Scope scope) {
        target.assign(evaluate(value, scope), scope);
        return Flow.NEXT;
    }
}
