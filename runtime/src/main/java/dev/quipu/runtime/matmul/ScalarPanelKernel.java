package dev.quipu.runtime.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The definition, one element at a time. */
final class ScalarPanelKernel implements PanelKernel {
    @Override
    public void accumulate(
            float[] weights, int rows, int columns, MemorySegment x, long xOffset, float[] sums, int sumsOffset) {
        for (int r = 0; r < rows; r++) {
            for (int k = 0; k < columns; k++) {
                addScaled(
                        weights[r * Tile.STRIDE + k],
                        x,
                        xOffset + k * Tile.PANEL_BYTES,
                        sums,
                        sumsOffset + r * Tile.PANEL);
            }
        }
    }

    private static void addScaled(float weight, MemorySegment x, long xOffset, float[] sums, int sumsOffset) {
        for (int t = 0; t < Tile.PANEL; t++) {
            sums[sumsOffset + t] += weight * x.get(JAVA_FLOAT, xOffset + (long) t * Float.BYTES);
        }
    }

    @Override
    public void store(
            float[] sums,
            int sumsOffset,
            int rows,
            float @Nullable [] bias,
            int biasOffset,
            MemorySegment y,
            long yOffset,
            boolean addToY) {
        for (int i = 0; i < rows * Tile.PANEL; i++) {
            long at = yOffset + (long) i * Float.BYTES;
            float sum = sums[sumsOffset + i];
            if (bias != null) {
                sum += bias[biasOffset + i / Tile.PANEL];
            }
            y.set(JAVA_FLOAT, at, addToY ? y.get(JAVA_FLOAT, at) + sum : sum);
        }
    }
}
