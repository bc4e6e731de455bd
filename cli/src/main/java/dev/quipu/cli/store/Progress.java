package dev.quipu.cli.store;

import dev.quipu.cli.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** How far a download is, on standard error: one line that changes on a terminal, a line each tenth elsewhere. */
final class Progress {
    private static final int BAR = 30;

    private final PrintStream err;
    private final boolean terminal;
    private String name = "";
    private long total;
    private long done;
    private long began;
    private long startNanos;
    private long shownNanos;
    private long shownTenth;

    Progress(Console console) {
        this.err = console.err();
        this.terminal = console.terminal().err();
    }

    /**
     * @param total bytes, or -1 if unknown
     * @param already bytes that are there from earlier
     */
    void begin(String name, long total, long already) {
        this.name = name;
        this.total = total;
        this.done = already;
        this.began = already;
        this.startNanos = System.nanoTime();
        this.shownNanos = startNanos;
        this.shownTenth = total > 0 ? already * 10 / total : 0;
    }

    void advance(long bytes) {
        done += bytes;
        long now = System.nanoTime();
        if (terminal) {
            if (now - shownNanos > 100_000_000L) {
                shownNanos = now;
                err.print("\r" + line() + "\u001b[K");
                err.flush();
            }
        } else if (total > 0 && done * 10 / total > shownTenth) {
            shownTenth = done * 10 / total;
            err.println(line());
        }
    }

    /** Ends the line, whether or not all has come. */
    void end() {
        if (terminal) {
            err.println("\r" + line() + "\u001b[K");
        }
    }

    private String line() {
        double seconds = Math.max(1e-3, (System.nanoTime() - startNanos) / 1e9);
        double rate = (done - began) / seconds;
        String speed = Bytes.text((long) rate) + "/s";
        if (total <= 0) {
            return name + "  " + Bytes.text(done) + "  " + speed;
        }
        int filled = (int) Math.min(BAR, done * BAR / total);
        String left = rate > 0 && done < total
                ? "  "
                        + Duration.ofSeconds((long) ((total - done) / rate))
                                .toString()
                                .substring(2)
                                .toLowerCase(Locale.ROOT)
                : "";
        return String.format(
                Locale.ROOT,
                "%s  %3d %% [%s%s] %s of %s  %s%s",
                name,
                Math.min(100, done * 100 / total),
                "#".repeat(filled),
                " ".repeat(BAR - filled),
                Bytes.text(done),
                Bytes.text(total),
                speed,
                left);
    }
}
