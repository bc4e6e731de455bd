package dev.quipu.runtime.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Activations of one batch, in native memory: float[channels] for a single token, float[panels][channels][32] for more.
 * Grows to the largest batch seen.
 */
final class Workspace implements AutoCloseable {
    /** Tokens of one panel: the lanes of the batch kernels. */
    static final int PANEL = 32;

    private static final int ALIGNMENT = 64;

    private final ModelConfig config;
    private Arena arena = Arena.ofShared();
    private int tokens;

    /** Residual stream and its normalised form: embedding length. */
    MemorySegment x = MemorySegment.NULL;

    MemorySegment normed = MemorySegment.NULL;
    /** Queries, keys, values of all heads. */
    MemorySegment q = MemorySegment.NULL;

    MemorySegment k = MemorySegment.NULL;
    MemorySegment v = MemorySegment.NULL;
    /** What attention returns: attention channels. */
    MemorySegment attended = MemorySegment.NULL;
    /** Feed-forward length. */
    MemorySegment gate = MemorySegment.NULL;

    MemorySegment up = MemorySegment.NULL;
    /** Cosines and sines of the batch's positions: half the rotary dimensions. */
    MemorySegment cos = MemorySegment.NULL;

    MemorySegment sin = MemorySegment.NULL;
    /** Logits of one token. */
    MemorySegment logits = MemorySegment.NULL;

    private MemorySegment panelLogits = MemorySegment.NULL;
    /** One token's residual stream, gathered from a panel. */
    MemorySegment single = MemorySegment.NULL;

    Workspace(ModelConfig config) {
        this.config = config;
    }

    /** Makes room for a batch. What the buffers held is lost when they grow. */
    void ensure(int batch) {
        if (batch <= tokens) {
            return;
        }
        arena.close();
        arena = Arena.ofShared();
        tokens = batch;
        x = floats(config.embeddingLength());
        normed = floats(config.embeddingLength());
        q = floats(config.queryChannels());
        k = floats(config.keyChannels());
        v = floats(config.valueChannels());
        attended = floats(config.attentionChannels());
        gate = floats(config.feedForwardLength());
        up = floats(config.feedForwardLength());
        cos = floats(config.ropeDimensions() / 2);
        sin = floats(config.ropeDimensions() / 2);
        logits = arena.allocate((long) config.vocabularySize() * Float.BYTES, ALIGNMENT);
        panelLogits = MemorySegment.NULL;
        single = arena.allocate((long) config.embeddingLength() * Float.BYTES, ALIGNMENT);
    }

    /** Logits of a panel, which most batches do not need, and which are large. */
    MemorySegment panelLogits() {
        if (panelLogits.byteSize() == 0) {
            panelLogits = arena.allocate((long) config.vocabularySize() * PANEL * Float.BYTES, ALIGNMENT);
        }
        return panelLogits;
    }

    private MemorySegment floats(int channels) {
        int padded = tokens == 1 ? 1 : panels(tokens) * PANEL;
        return arena.allocate((long) channels * padded * Float.BYTES, ALIGNMENT);
    }

    /** How many panels hold so many tokens. */
    static int panels(int tokens) {
        return (tokens + PANEL - 1) / PANEL;
    }

    @Override
    public void close() {
        arena.close();
    }
}
