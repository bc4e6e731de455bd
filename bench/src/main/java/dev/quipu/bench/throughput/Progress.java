package dev.quipu.bench.throughput;

import java.io.PrintStream;

/** Says what is going on: a line for each step if asked to, else one line that changes, on terminals only. */
final class Progress {
    private static final String ERASE = "\r\033[K";

    private final PrintStream err;
    private final boolean lines;
    private final boolean live;

    Progress(PrintStream err, boolean lines) {
        this.err = err;
        this.lines = lines;
        this.live = !lines && System.console() != null && System.console().isTerminal();
    }

    void say(String step) {
        if (lines) {
            err.println("quipu-bench: " + step);
        } else if (live) {
            err.print(ERASE + step);
            err.flush();
        }
    }

    /** Makes room for a result. */
    void clear() {
        if (live) {
            err.print(ERASE);
            err.flush();
        }
    }
}
