package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Dict;
import java.util.ArrayList;
import java.util.List;

/** <code>{key: value, …}</code>. */
final class DictLiteral extends Expression {
    private final List<Expression> keys;
    private final List<Expression> values;

    DictLiteral(List<Expression> keys, List<Expression> values) {
        super(both(keys, values));
        this.keys = keys;
        this.values = values;
    }

    private static List<Expression> both(List<Expression> keys, List<Expression> values) {
        List<Expression> all = new ArrayList<>(keys);
        all.addAll(values);
        return all;
    }

    @Override
    Object evaluate(Scope scope) {
        Budget budget = scope.rendering().budget();
        budget.elements(2L * keys.size());
        Dict dict = new Dict(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            Object key = keys.get(i).evaluate(scope);
            dict.put(key, values.get(i).evaluate(scope), budget);
        }
        return dict;
    }
}
