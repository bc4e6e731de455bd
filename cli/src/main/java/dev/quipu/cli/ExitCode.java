package dev.quipu.cli;

/** The exit codes of all commands. */
public final class ExitCode {
    public static final int FINE = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
