package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Text;
import java.util.Optional;

/** {@code set target | filters} and {@code filter}: runs the body and assigns or writes what it wrote, filtered. */
final class CaptureBlock extends Statement {
    /** Name of the variable that hands the text to the filters; no template can write it. */
    static final Name CAPTURED = new Name(" captured");

    private static final Target.Variable SLOT = new Target.Variable(" captured");

    private final Optional<Target> target;
    private final Expression filtered; // CAPTURED, or filters around it
    private final Body body;

    /** @param target what to assign to; if empty, the text is written */
    CaptureBlock(Optional<Target> target, Expression filtered, Body body, int line) {
        super(line, filtered, body);
        this.target = target;
        this.filtered = filtered;
        this.body = body;
    }

    @Override
    Flow run(Scope scope) {
        Rendering rendering = scope.rendering();
        Scope inner = new Scope(scope);
        StringBuilder outer = rendering.beginCapture();
        Flow flow = body.run(inner);
        String text = rendering.endCapture(outer);
        if (flow != Flow.NEXT) return flow;
        SLOT.assign(text, inner);
        Object value = evaluate(filtered, inner);
        if (target.isPresent()) target.get().assign(value, scope);
        else rendering.write(Text.str(value, rendering.budget()));
        return Flow.NEXT;
    }
}
