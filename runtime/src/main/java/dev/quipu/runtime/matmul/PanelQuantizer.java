package dev.quipu.runtime.matmul;

import java.lang.foreign.MemorySegment;

/** Fills {@link QuantizedPanels}. Stateless, shared by threads. */
interface PanelQuantizer {
    /**
     * Quantises consecutive blocks of one panel.
     *
     * <p>What a product adds up in 16 bits is a group of 32 channels, or of 16, or every other one of eight. So a token's scale
     * is the largest such sum of magnitudes in the block, times what it may at most come to.
     *
     * @param xOffset byte offset of the panel: float[channels][32], 64-byte aligned
     * @param channel the first block's first
     * @param token the first of {@code tokens}, multiples of 16
     * @param bounds what each kind of sum may come to
     */
    void quantize(
            MemorySegment x,
            long xOffset,
            QuantizedPanels to,
            int panel,
            int channel,
            int blocks,
            int token,
            int tokens,
            SumBounds bounds);
}
