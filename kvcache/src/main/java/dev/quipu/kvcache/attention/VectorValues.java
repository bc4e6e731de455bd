package dev.quipu.kvcache.attention;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;

/** {@link ValueKernel} at one vector width: query heads are taken in groups that share each load. */
final class VectorValues implements ValueKernel {
    private final RowCodec rows;
    private final HeadGroups<ValueGroup> groups;

    VectorValues(SimdWidth width, RowCodec rows) {
        this.rows = rows;
        groups = new HeadGroups<>(heads ->
                width.specialize(MethodHandles.lookup(), RowValues.class, ValueGroup.class, rows.getClass(), heads));
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
        for (int h = 0; h < heads; h += HeadGroups.MOST) {
            groups.of(Math.min(HeadGroups.MOST, heads - h))
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
        groups.of(1).unpack(page.address() + values, cells, valueDim, tile);
    }
}
