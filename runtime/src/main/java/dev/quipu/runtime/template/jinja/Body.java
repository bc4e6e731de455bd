package dev.quipu.runtime.template.jinja;

import java.util.List;

/** Statements in a row. */
final class Body extends Statement {
    static final Body EMPTY = new Body(List.of());

    private final Statement[] statements;

    Body(List<Statement> statements) {
        super(0, statements);
        this.statements = statements.toArray(Statement[]::new);
    }

    @Override
    Flow run(Scope scope) {
        for (Statement statement : statements) {
            Flow flow = statement.run(scope);
            if (flow != Flow.NEXT) return flow;
        }
        return Flow.NEXT;
    }

    boolean isEmpty() {
        return statements.length == 0;
    }
}
