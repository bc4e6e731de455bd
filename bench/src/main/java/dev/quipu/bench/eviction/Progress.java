package dev.quipu.bench.eviction;

import java.io.PrintStream;

/** Tells a person how far a run has come and how long it will take. */
final class Progress {
    private final PrintStream err;

    Progress(PrintStream err) {
        this.err = err;
    }

    /**
     * After a step.
     *
     * @param done steps done, this one among them
     * @param measured those of them that took time
     * @param nanos the time they took
     */
    void step(String experiment, int done, int steps, int measured, long nanos) {
        long left = measured == 0 ? 0 : nanos / measured * (steps - done);
        err.printf("%s: %d of %d, %s so far, %s left%n", experiment, done, steps, time(nanos), time(left));
    }

    void say(String line) {
        err.println(line);
    }

    private static String time(long nanos) {
        long seconds = Math.round(nanos / 1e9);
        return seconds < 3600
                ? "%d:%02d".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
