package dev.quipu.runtime.matmul;

import dev.quipu.runtime.kernel.QuantUnpacker;

/**
 * What sums of magnitudes of quantised activations may come to if all queued products are to fit 16 bits: of 32 channels, and
 * of 16. Kept as inverses, the larger the tighter; 0 where there is no bound.
 */
final class SumBounds {
    float perBlock;
    float perHalf;

    void clear() {
        perBlock = 0;
        perHalf = 0;
    }

    void add(QuantUnpacker quants) {
        int channels = quants.group();
        // Rounding may add a half for each channel; one more is for the arithmetic of the scale itself.
        float perSum = 1f / (quants.activationSum() - channels / 2 - 1);
        if (channels == QuantizedPanels.BLOCK) {
            perBlock = Math.max(perBlock, perSum);
        } else {
            perHalf = Math.max(perHalf, perSum);
        }
    }
}
