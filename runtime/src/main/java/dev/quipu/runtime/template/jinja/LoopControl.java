package dev.quipu.runtime.template.jinja;

/** {@code break} and {@code continue}. */
final class LoopControl extends Statement {
    private final Flow flow;

    LoopControl(Flow flow, int line) {
        super(line);
        this.flow = flow;
    }

    @Override
    Flow run(Scope scope) {
        scope.rendering().budget().step();
        return flow;
    }
}
