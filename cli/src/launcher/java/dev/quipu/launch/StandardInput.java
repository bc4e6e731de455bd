package dev.quipu.launch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/** Whether this process was started without a standard input, as by {@code <&-} in a shell. */
final class StandardInput {
    /** Reads as empty. */
    static final File NOTHING = new File("/dev/null");

    private static final Path DESCRIPTOR = Paths.get("/proc/self/fd/0");

    private StandardInput() {}

    /** The first file that a JVM opens is one of its own, and gets the number 0 if that is free: it must not be read as input. */
    static boolean isClosed() {
        if (!NOTHING.exists()) {
            return false;
        }
        try {
            Path home = Paths.get(System.getProperty("java.home")).toRealPath();
            return Files.readSymbolicLink(DESCRIPTOR).startsWith(home);
        } catch (IOException | UnsupportedOperationException e) {
            return false; // no such thing on this system, or nothing to read
        }
    }
}
