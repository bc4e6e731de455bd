package dev.quipu.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Says in one line on standard error what went wrong. With -v, where it happened follows. */
final class ErrorReport {
    private final Console console;
    private final EnvironmentDefaults defaults;

    ErrorReport(Console console, EnvironmentDefaults defaults) {
        this.console = console;
        this.defaults = defaults;
    }

    /** A wrong command line. */
    int usage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String message = String.valueOf(e.getMessage());
        if (e.getArgSpec() instanceof OptionSpec option && defaults.sets(option)) {
            message += " (" + EnvironmentDefaults.variable(option) + " is set in the environment)";
        }
        line(message);
        String name = command.getCommandSpec().qualifiedName();
        console.err().println("Try '" + name + " --help'.");
        return ExitCode.USAGE;
    }

    /** A command that failed. */
    int failure(Throwable failure, boolean verbose) {
        int code = ExitCode.FAILED;
        switch (failure) {
            case ResultStream.ReaderGone gone -> {
                return ExitCode.FINE;
            }
            case CommandFailure known -> {
                code = known.exitCode();
                line(String.valueOf(known.getMessage()));
            }
            default -> line(describe(failure));
        }
        if (verbose) {
            failure.printStackTrace(console.err());
        }
        return code;
    }

    /** What comes from a file cannot move the cursor or colour the terminal. */
    private void line(String message) {
        String line = message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cc}", "?");
        console.err().println("quipu: " + line);
    }

    private static String describe(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException e when e.getCause() != null -> describe(e.getCause());
            case NoSuchFileException e -> "no such file: " + e.getFile();
            case AccessDeniedException e -> "permission denied: " + e.getFile();
            case NotDirectoryException e -> "not a folder: " + e.getFile();
            case DirectoryNotEmptyException e -> "the folder is not empty: " + e.getFile();
            case FileAlreadyExistsException e -> "exists already: " + e.getFile();
            case FileSystemException e -> e.getFile() + ": " + e.getReason();
            case IOException e -> message(e);
            case IllegalArgumentException e -> message(e);
            case IllegalStateException e -> message(e);
            case OutOfMemoryError e ->
                "not enough memory (" + e.getMessage() + "); a smaller -c or -ub needs less, QUIPU_JAVA_OPTS=-Xmx8g"
                        + " gives the JVM more";
            case InternalError e -> "a mapped file could not be read: it was cut off or its disk failed while in use";
            case StackOverflowError e -> "the input is nested too deeply";
            case RuntimeException e when e.getClass().getName().startsWith("dev.quipu.") -> message(e);
            default -> failure.getClass().getSimpleName() + suffix(failure.getMessage());
        };
    }

    private static String message(Exception e) {
        String message = e.getMessage();
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }

    private static String suffix(@Nullable String message) {
        return message == null ? "" : ": " + message;
    }
}
