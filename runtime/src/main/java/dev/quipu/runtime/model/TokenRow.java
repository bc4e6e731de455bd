package dev.quipu.runtime.model;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipu.runtime.step.Steps;
import java.lang.foreign.MemorySegment;

/**
 * Channels of one token after the other, on their way into panels. They are gathered in an array, since a first prompt is
 * interpreted here, and memory segments take that some twenty times as long.
 */
final class TokenRow {
    private static final int PANEL = Steps.PANEL;

    /** The token's channels. */
    final float[] row;

    private final float[] panel;

    TokenRow(int channels) {
        row = new float[channels];
        panel = new float[channels * PANEL];
    }

    /**
     * Puts the row where token {@code t} of a batch has its place; tokens come in order.
     *
     * @param to the vector layout for a batch of one, else {@code float[panels][channels][32]}
     */
    void store(MemorySegment to, int t, int count) {
        if (count == 1) {
            MemorySegment.copy(row, 0, to, JAVA_FLOAT, 0, row.length);
            return;
        }
        int lane = t % PANEL;
        for (int i = 0; i < row.length; i++) {
            panel[i * PANEL + lane] = row[i];
        }
        if (lane == PANEL - 1 || t == count - 1) {
            long from = (long) (t / PANEL) * panel.length * Float.BYTES;
            MemorySegment.copy(panel, 0, to, JAVA_FLOAT, from, panel.length);
        }
    }
}
