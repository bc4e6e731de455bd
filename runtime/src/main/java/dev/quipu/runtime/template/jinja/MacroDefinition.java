package dev.quipu.runtime.template.jinja;

import java.util.ArrayList;
import java.util.List;

/** {@code macro name(parameters)}. */
final class MacroDefinition extends Statement {
    private final String name;
    private final MacroSignature signature;
    private final Body body;

    MacroDefinition(String name, MacroSignature signature, Body body, int line) {
        super(line, all(signature, body));
        this.name = name;
        this.signature = signature;
        this.body = body;
    }

    static List<Node> all(MacroSignature signature, Node... others) {
        List<Node> all = new ArrayList<>(signature.defaults());
        all.addAll(List.of(others));
        return all;
    }

    @Override
    Flow run(Scope scope) {
        scope.rendering().budget().step();
        scope.set(name, new Macro(name, signature, body, scope));
        return Flow.NEXT;
    }
}
