package dev.quipu.runtime.template.jinja;

import java.util.List;

/** Something that writes output, sets variables, or steers what runs next. */
abstract class Statement extends Node {
    private final int line;

    Statement(int line, Node... children) {
        super(children);
        this.line = line;
    }

    Statement(int line, List<? extends Node> children) {
        super(children);
        this.line = line;
    }

    /** Line of the template, from 1. */
    final int line() {
        return line;
    }

    abstract Flow run(Scope scope);

    /** Evaluates an expression of this statement and charges it. */
    final Object evaluate(Expression expression, Scope scope) {
        Rendering rendering = scope.rendering();
        rendering.at(line);
        rendering.budget().work(expression.size());
        return expression.evaluate(scope);
    }
}
