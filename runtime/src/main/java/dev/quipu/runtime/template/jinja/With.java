package dev.quipu.runtime.template.jinja;

import java.util.ArrayList;
import java.util.List;

/** {@code with a = b, c = d}: a scope with variables of its own. */
final class With extends Statement {
    private final List<Target> targets;
    private final List<Expression> values;
    private final Body body;

    With(List<Target> targets, List<Expression> values, Body body, int line) {
        super(line, all(values, body));
        this.targets = targets;
        this.values = values;
        this.body = body;
    }

    private static List<Node> all(List<Expression> values, Body body) {
        List<Node> all = new ArrayList<>(values);
        all.add(body);
        return all;
    }

    @Override
    Flow run(Scope scope) {
        Scope inner = new Scope(scope);
        for (int i = 0; i < targets.size(); i++) targets.get(i).assign(evaluate(values.get(i), scope), inner);
        return body.run(inner);
    }
}
