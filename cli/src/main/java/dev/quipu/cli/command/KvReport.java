package dev.quipu.cli.command;

import dev.quipu.cli.option.KvFlags;
import dev.quipu.runtime.KvLoss;
import dev.quipu.runtime.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a session has forgotten, and what it still holds, in words and as a picture. */
final class KvReport {
    private static final int LONGEST_BAR = 64;
    private static final int SHORTEST_BAR = 8;
    /** What surrounds a bar, and the last column, which some terminals wrap at. */
    private static final int SURROUNDINGS = "layer 99 || 100%".length() + 1;

    private static final String BARS = " ▁▂▃▄▅▆▇█";

    private final KvFlags flags;

    KvReport(KvFlags flags) {
        this.flags = flags;
    }

    /** Lines about what was forgotten meanwhile; none if nothing was. */
    List<String> lines(KvLoss loss, Session session) {
        List<String> lines = new ArrayList<>();
        if (loss.passes() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "kv: %s: %.0f tokens evicted (mean over heads) in %d %s, %.1f ms; %.1f MiB given back, %.1f MiB held for"
                            + " %d tokens",
                    flags.text(),
                    loss.tokens(),
                    loss.passes(),
                    loss.passes() == 1 ? "pass" : "passes",
                    loss.nanos() / 1e6,
                    mebibytes(loss.bytes()),
                    mebibytes(session.kvBytes()),
                    session.position()));
        }
        if (loss.renewals() > 0) {
            lines.add("kv: the model's context ended; what is kept got new positions in it");
        }
        if (loss.recomputed() > 0) {
            lines.add("kv: " + loss.recomputed()
                    + " tokens were computed again, since too little was left of what precedes them");
        }
        return lines;
    }

    static double mebibytes(long bytes) {
        return bytes / 1048576.0;
    }

    /**
     * One bar for each layer: how much of each stretch of the conversation its heads hold.
     *
     * @param columns the width of the terminal
     */
    static List<String> picture(Session session, int columns) {
        List<String> lines = new ArrayList<>();
        float[][] kept = session.kvMap(Math.clamp(columns - SURROUNDINGS, SHORTEST_BAR, LONGEST_BAR));
        for (int layer = 0; layer < kept.length; layer++) {
            StringBuilder bar = new StringBuilder();
            double sum = 0;
            for (float share : kept[layer]) {
                sum += share;
                bar.append(BARS.charAt(share == 0 ? 0 : Math.max(1, Math.round(share * (BARS.length() - 1)))));
            }
            lines.add(String.format(
                    Locale.ROOT, "layer %2d |%s| %3.0f%%", layer, bar, 100 * sum / Math.max(1, kept[layer].length)));
        }
        return lines;
    }
}
