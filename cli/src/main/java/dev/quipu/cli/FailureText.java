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

/** What went wrong, in words for a person. */
public final class FailureText {
    private FailureText() {}

    public static String of(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException e
            when e.getCause() != null -> {
                String cause = of(e.getCause());
                yield e.getCause().toString().equals(e.getMessage()) ? cause : e.getMessage() + ": " + cause;
            }
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
