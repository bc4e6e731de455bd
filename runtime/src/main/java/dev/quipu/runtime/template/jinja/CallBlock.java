package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Text;

/** {@code call(parameters) macro(arguments)}: calls the macro, with the body as its {@code caller}. */
final class CallBlock extends Statement {
    private final MacroSignature signature;
    private final Call call;
    private final Body body;

    CallBlock(MacroSignature signature, Call call, Body body, int line) {
        super(line, MacroDefinition.all(signature, call, body));
        this.signature = signature;
        this.call = call;
        this.body = body;
    }

    @Override
    Flow run(Scope scope) {
        Rendering rendering = scope.rendering();
        rendering.at(line());
        rendering.budget().work(call.size());
        Object value = call.evaluate(scope, new Macro("", signature, body, scope));
        rendering.write(Text.str(value, rendering.budget()));
        return Flow.NEXT;
    }
}
