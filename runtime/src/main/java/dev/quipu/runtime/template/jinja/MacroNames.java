package dev.quipu.runtime.template.jinja;

/** Which of the names that are special in macros a macro's body mentions. */
final class MacroNames {
    private boolean caller;
    private boolean named;
    private boolean positional;

    void mentioned(String name) {
        switch (name) {
            case "caller" -> caller = true;
            case "kwargs" -> named = true;
            case "varargs" -> positional = true;
            default -> {}
        }
    }

    /** Starts anew for a body; {@link #end} ends it. */
    MacroNames begin() {
        MacroNames outer = new MacroNames();
        outer.add(this);
        caller = false;
        named = false;
        positional = false;
        return outer;
    }

    /** Adds the names of the enclosing body again. */
    void end(MacroNames outer) {
        add(outer);
    }

    private void add(MacroNames other) {
        caller |= other.caller;
        named |= other.named;
        positional |= other.positional;
    }

    boolean caller() {
        return caller;
    }

    boolean named() {
        return named;
    }

    boolean positional() {
        return positional;
    }
}
