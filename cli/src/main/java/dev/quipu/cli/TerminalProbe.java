package dev.quipu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out which standard streams are a terminal. Java itself only knows about all of them at once. */
final class TerminalProbe {
    private TerminalProbe() {}

    static Console.Terminal ofStandardStreams() {
        Path descriptors = Path.of("/proc/self/fd");
        if (Files.isDirectory(descriptors)) {
            return new Console.Terminal(
                    isTerminal(descriptors.resolve("0")),
                    isTerminal(descriptors.resolve("1")),
                    isTerminal(descriptors.resolve("2")));
        }
        java.io.Console console = System.console();
        boolean all = console != null && console.isTerminal();
        return new Console.Terminal(all, all, all);
    }

    private static boolean isTerminal(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // the stream is closed
        }
    }
}
