package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Truth;
import java.util.ArrayList;
import java.util.List;

/** {@code if}, {@code elif} and {@code else}. Has no scope of its own. */
final class If extends Statement {
    private final List<Expression> conditions;
    private final List<Body> bodies; // one for each condition
    private final Body otherwise;

    If(List<Expression> conditions, List<Body> bodies, Body otherwise, int line) {
        super(line, all(conditions, bodies, otherwise));
        this.conditions = conditions;
        this.bodies = bodies;
        this.otherwise = otherwise;
    }

    private static List<Node> all(List<Expression> conditions, List<Body> bodies, Body otherwise) {
        List<Node> all = new ArrayList<>(conditions);
        all.addAll(bodies);
        all.add(otherwise);
        return all;
    }

    @Override
    Flow run(Scope scope) {
        for (int i = 0; i < conditions.size(); i++) {
            if (Truth.of(evaluate(conditions.get(i), scope)))
                return bodies.get(i).run(scope);
        }
        return otherwise.run(scope);
    }
}
