package dev.quipu.runtime.matmul;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Products of floats, term by term, and what becomes of their sums. Stateless, shared by threads. */
interface PanelKernel extends ProductKernel {
    /** y = sums + bias, or y += sums + bias, for {@code rows} rows of a panel. */
    void store(
            float[] sums,
            int sumsOffset,
            int rows,
            float @Nullable [] bias,
            int biasOffset,
            MemorySegment y,
            long yOffset,
            boolean addToY);
}
