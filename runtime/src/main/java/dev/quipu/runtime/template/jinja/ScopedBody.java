package dev.quipu.runtime.template.jinja;

/** {@code generation}, and {@code autoescape} switched off: the body in a scope of its own. */
final class ScopedBody extends Statement {
    private final Body body;

    ScopedBody(Body body, int line) {
        super(line, body);
        this.body = body;
    }

    @Override
    Flow run(Scope scope) {
        return body.run(new Scope(scope));
    }
}
