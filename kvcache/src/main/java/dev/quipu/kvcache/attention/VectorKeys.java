package dev.quipu.kvcache.attention;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;

/** {@link KeyKernel} at one vector width: query heads are taken in groups that share each load. */
final class VectorKeys implements KeyKernel {
    private final RowCodec rows;
    private final HeadGroups<KeyGroup> groups;

    VectorKeys(SimdWidth width, RowCodec rows) {
        Class<? extends KeyGroup> template =
                switch (rows) {
                    case F32Rows _, F16Rows _ -> FloatKeys.class;
                    case Q8Rows _, Q4Rows _ -> IntegerKeys.class;
                };
        this.rows = rows;
        groups = new HeadGroups<>(
                heads -> width.specialize(MethodHandles.lookup(), template, KeyGroup.class, rows.getClass(), heads));
    }

    @Override
    public float queryScale() {
        return rows instanceof F16Rows ? F16Rows.REBIAS : 1;
    }

    @Override
    public void dots(
            MemorySegment page,
            long keys,
            int cells,
            int keyDim,
            float[] q,
            int heads,
            float[] scores,
            int scoresOffset,
            int scoresStride) {
        for (int h = 0; h < heads; h += HeadGroups.MOST) {
            groups.of(Math.min(HeadGroups.MOST, heads - h))
                    .dots(
                            page.address() + keys,
                            cells,
                            keyDim,
                            q,
                            h * keyDim,
                            scores,
                            scoresOffset + h * scoresStride,
                            scoresStride);
        }
    }

    @Override
    public void unpack(MemorySegment page, long keys, int cells, int keyDim, float[] tile) {
        groups.of(1).unpack(page.address() + keys, cells, keyDim, tile);
    }
}
