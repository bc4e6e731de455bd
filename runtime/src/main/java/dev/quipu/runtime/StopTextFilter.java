package dev.quipu.runtime;

import java.util.List;

/** Passes text on, but for stop texts and what follows them. Text that may be the beginning of one is held back. */
final class StopTextFilter {
    private final List<String> stopTexts;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    StopTextFilter(List<String> stopTexts) {
        this.stopTexts = stopTexts;
    }

    /** Returns what can be passed on after {@code text} has arrived. */
    String accept(String text) {
        if (found) {
            return "";
        }
        if (stopTexts.isEmpty()) {
            return text;
        }
        held.append(text);
        int first = -1;
        for (String stop : stopTexts) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        if (first >= 0) {
            found = true;
            return held.substring(0, first);
        }
        return release(held.length() - longestPossibleBeginning());
    }

    /** Whether a stop text has appeared. */
    boolean found() {
        return found;
    }

    /** Returns what was held back, once no more text comes. */
    String finish() {
        return found ? "" : release(held.length());
    }

    private String release(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /** Length of the longest end of the held text with which a stop text begins. */
    private int longestPossibleBeginning() {
        int longest = 0;
        for (String stop : stopTexts) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
