package dev.quipu.runtime.matmul;

import java.lang.foreign.MemorySegment;

/** Fills {@link QuantizedPanels}. Stateless, shared by threads. */
interface PanelQuantizer {
    /**
     * Quantises consecutive blocks of one panel.
     *
     * @param xOffset byte offset of the first block's first channel: float[channels][32], 64-byte aligned
     * @param block number of the first block
     * @param limit the largest q
     */
    void quantize(MemorySegment x, long xOffset, QuantizedPanels to, int block, int blocks, int limit);
}
