package dev.quipu.runtime.template.jinja;

import java.util.List;

/** Something that has a value. */
abstract class Expression extends Node {
    Expression(Node... children) {
        super(children);
    }

    Expression(List<? extends Node> children) {
        super(children);
    }

    /** The value; the {@link Statement} that asks for it has paid for a step per node. */
    abstract Object evaluate(Scope scope);
}
