package dev.quipu.bench.progress;

import java.io.PrintStream;

/** Says what is going on: a line for each step if asked to, else one line that changes, on terminals only. */
public final class Progress {
    private static final String ERASE = "\r\033[K";

    private final PrintStream err;
    private final boolean lines;
    private final boolean live;

    public Progress(PrintStream err, boolean lines) {
        this.err = err;
        this.lines = lines;
        this.live = !lines && System.console() != null && System.console().isTerminal();
    }

    public void say(String step) {
        if (lines) {
            err.println("quipu-bench: " + step);
        } else if (live) {
            err.print(ERASE + step);
            err.flush();
        }
    }

    /**
     * How far it has come and how long it will take.
     *
     * @param what is done step by step
     * @param done steps done
     * @param measured those of them that took time
     * @param nanos the time they took
     */
    public void step(String what, int done, int steps, int measured, long nanos) {
        long left = measured == 0 ? 0 : nanos / measured * (steps - done);
        say("%s: %d of %d, %s so far, %s left".formatted(what, done, steps, time(nanos), time(left)));
    }

    /** Makes room for a result. */
    public void clear() {
        if (live) {
            err.print(ERASE);
            err.flush();
        }
    }

    private static String time(long nanos) {
        long seconds = Math.round(nanos / 1e9);
        return seconds < 3600
                ? "%d:%02d".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
