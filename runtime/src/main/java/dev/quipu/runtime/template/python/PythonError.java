package dev.quipu.runtime.template.python;

/** An exception that Python (or the engine's own limits) would raise: its type's name and its message. Has no stack trace. */
public final class PythonError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String type;

    public PythonError(String type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    public static PythonError typeError(String message) {
        return new PythonError("TypeError", message);
    }

    public static PythonError valueError(String message) {
        return new PythonError("ValueError", message);
    }

    /** The name of the exception's class, such as {@code TypeError}. */
    public String type() {
        return type;
    }

    /** Message with the type in front, as the last line of Python's traceback. */
    public String describe() {
        return type + ": " + getMessage();
    }
}
