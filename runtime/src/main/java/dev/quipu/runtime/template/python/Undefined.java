package dev.quipu.runtime.template.python;

/**
 * Jinja's undefined value: prints as nothing, is false, empty when iterated, equal to any other undefined value;
 * everything else that is done to it fails with its message.
 */
public final class Undefined {
    private final String message;

    private Undefined(String message) {
        this.message = message;
    }

    public static Undefined because(String message) {
        return new Undefined(message);
    }

    /** A variable that nobody set. */
    public static Undefined variable(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    /** A missing attribute or item of {@code owner}. */
    public static Undefined member(Object owner, Object name) {
        String type = Types.describe(owner);
        return new Undefined(
                name instanceof String s
                        ? "'" + type + "' has no attribute '" + s + "'"
                        : type + " has no element " + (name instanceof Long n ? n.toString() : Types.name(name)));
    }

    /** An attribute that exists but that templates may not use. */
    public static Undefined unsafe(Object owner, String name) {
        return new Undefined("access to attribute '" + name + "' of '" + Types.name(owner) + "' object is unsafe.");
    }

    public PythonError error() {
        return new PythonError("UndefinedError", message);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return Undefined.class.hashCode();
    }

    @Override
    public String toString() {
        return "";
    }
}
