package dev.quipu.runtime.matmul;

import java.lang.foreign.MemorySegment;

/** Fills {@link QuantizedPanels}. Stateless, shared by threads. */
interface PanelQuantizer {
    /**
     * Quantises consecutive blocks of one panel.
     *
     * <p>A short lane of a product adds up every other channel of a block or of half a block. So a token's scale is the
     * largest sum of the magnitudes of every other channel, of a block or of half a block, times what each may at most
     * come to.
     *
     * @param xOffset byte offset of the first block's first channel: float[channels][32], 64-byte aligned
     * @param block number of the first block
     * @param perBlockSum one over the largest sum for a block; 0 if there is none
     * @param perHalfSum the same for half a block
     */
    void quantize(
            MemorySegment x,
            long xOffset,
            QuantizedPanels to,
            int block,
            int blocks,
            float perBlockSum,
            float perHalfSum);
}
