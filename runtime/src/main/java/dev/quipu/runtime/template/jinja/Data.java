package dev.quipu.runtime.template.jinja;

/** Text between tags. */
final class Data extends Statement {
    private final String text;

    Data(String text, int line) {
        super(line);
        this.text = text;
    }

    @Override
    Flow run(Scope scope) {
        scope.rendering().write(text);
        return Flow.NEXT;
    }
}
