package dev.quipu.kvcache.attention;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/** {@link ValueKernel} at one vector width: query heads are taken in groups that share each load. */
final class VectorValues implements ValueKernel {
    private final SimdWidth width;
    private final RowCodec rows;

    /** By heads - 1, when they are needed. */
    private final @Nullable ValueGroup[] groups = new ValueGroup[ValueGroup.MOST_HEADS];

    VectorValues(SimdWidth width, RowCodec rows) {
        this.width = width;
        this.rows = rows;
    }

    @Override
    public float weightScale() {
        return rows instanceof F16Rows ? F16Rows.REBIAS : 1;
    }

    @Override
    public void accumulate(
            MemorySegment page,
            long values,
            int cells,
            int valueDim,
            float[] p,
            int pOffset,
            int pStride,
            int heads,
            float[] sums,
            int sumsOffset,
            int sumsStride) {
        for (int h = 0; h < heads; h += ValueGroup.MOST_HEADS) {
            group(Math.min(ValueGroup.MOST_HEADS, heads - h))
                    .accumulate(
                            page.address() + values,
                            cells,
                            valueDim,
                            p,
                            pOffset + h * pStride,
                            pStride,
                            sums,
                            sumsOffset + h * sumsStride,
                            sumsStride);
        }
    }

    @Override
    public void unpack(MemorySegment page, long values, int cells, int valueDim, float[] tile) {
        group(1).unpack(page.address() + values, cells, valueDim, tile);
    }

    /** Two threads may both find none yet; they get the same. */
    private ValueGroup group(int heads) {
        ValueGroup group = groups[heads - 1];
        if (group == null) {
            group = width.specialize(MethodHandles.lookup(), RowValues.class, ValueGroup.class, rows.getClass(), heads);
            groups[heads - 1] = group;
        }
        return group;
    }
}
