package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Text;

/** <code>{{ expression }}</code>. */
final class Print extends Statement {
    private final Expression expression;

    Print(Expression expression, int line) {
        super(line, expression);
        this.expression = expression;
    }

    @Override
    Flow run(Scope scope) {
        Rendering rendering = scope.rendering();
        rendering.write(Text.str(evaluate(expression, scope), rendering.budget()));
        return Flow.NEXT;
    }
}
