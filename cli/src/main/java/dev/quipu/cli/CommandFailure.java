package dev.quipu.cli;

/** A command cannot do what it was asked. The message is the line the user sees. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    private CommandFailure(int exitCode, String message, Throwable... cause) {
        super(message, cause.length == 0 ? null : cause[0]);
        this.exitCode = exitCode;
    }

    /** It did not work. */
    public static CommandFailure failed(String message) {
        return new CommandFailure(ExitCode.FAILED, message);
    }

    public static CommandFailure failed(String message, Throwable cause) {
        return new CommandFailure(ExitCode.FAILED, message, cause);
    }

    /** The command line asks for something that makes no sense. */
    public static CommandFailure usage(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }

    /** The user pressed Ctrl-C. */
    public static CommandFailure interrupted() {
        return new CommandFailure(ExitCode.INTERRUPTED, "interrupted");
    }

    int exitCode() {
        return exitCode;
    }
}
