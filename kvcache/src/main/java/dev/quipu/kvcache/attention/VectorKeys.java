package dev.quipu.kvcache.attention;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/** {@link KeyKernel} at one vector width: query heads are taken in groups that share each load. */
final class VectorKeys implements KeyKernel {
    private final SimdWidth width;
    private final RowCodec rows;

    /** By heads - 1, when they are needed. */
    private final @Nullable KeyGroup[] groups = new KeyGroup[KeyGroup.MOST_HEADS];

    VectorKeys(SimdWidth width, RowCodec rows) {
        this.width = width;
        this.rows = rows;
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
        for (int h = 0; h < heads; h += KeyGroup.MOST_HEADS) {
            group(Math.min(KeyGroup.MOST_HEADS, heads - h))
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
        group(1).unpack(page.address() + keys, cells, keyDim, tile);
    }

    /** Two threads may both find none yet; they get the same. */
    private KeyGroup group(int heads) {
        KeyGroup group = groups[heads - 1];
        if (group == null) {
            Class<? extends KeyGroup> template =
                    switch (rows) {
                        case F32Rows _, F16Rows _ -> FloatKeys.class;
                        case Q8Rows _, Q4Rows _ -> IntegerKeys.class;
                    };
            group = width.specialize(MethodHandles.lookup(), template, KeyGroup.class, rows.getClass(), heads);
            groups[heads - 1] = group;
        }
        return group;
    }
}
