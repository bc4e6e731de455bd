package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.ValueKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** What one thread needs while it attends: made by {@link KvCache#newScratch()}, valid until the cache is closed. */
public final class AttentionScratch {
    /** One token: float[group][keyDim], scaled; kernels of packed types may read 8 more. */
    final float[] query;

    /** One token: float[group][SPLIT_CELLS]. */
    final float[] scores;

    /** Panel: float[keyDim][64 cells], and 8 more channels that packed types may write. */
    final float[] keyTile;

    /** Panel: float[64 cells][paddedDim]. */
    final float[] valueTile;

    /** Panel: float[64 cells][32 tokens]. */
    final float[] panelScores;

    /** Panel: float[64 cells][32 tokens]; for those who take notes float[pages][group][64 cells][32 tokens]. */
    MemorySegment panelWeights;

    /** Panel: float[pages][group][32], the maxima that a page's weights refer to, for those who take notes. */
    float[] pageMax = new float[0];

    /** Panel: float[group][paddedDim][32 tokens]. */
    final float[] sums;

    /** Panel: float[group][32]. */
    final float[] max;

    /** Panel: float[group][32]. */
    final float[] total;

    /** Panel: float[32]. */
    final float[] correction = new float[TOKENS];

    /** valueDim as the kernels have it. */
    final int paddedDim;

    private final SegmentAllocator memory;

    AttentionScratch(KvLayout layout, SegmentAllocator memory) {
        this.memory = memory;
        int group = layout.group();
        paddedDim = ValueKernel.paddedDim(layout.valueDim());
        query = new float[group * layout.keyDim() + 8];
        scores = new float[group * DecodeAttention.SPLIT_CELLS];
        keyTile = new float[(layout.keyDim() + 8) * PAGE_CELLS];
        valueTile = new float[PAGE_CELLS * paddedDim + TOKENS];
        panelScores = new float[PAGE_CELLS * TOKENS];
        panelWeights = memory.allocate(4L * PAGE_CELLS * TOKENS, 64);
        sums = new float[group * paddedDim * TOKENS];
        max = new float[group * TOKENS];
        total = new float[group * TOKENS];
    }

    /** Makes room for the weights of so many pages and heads. */
    void reserve(int tiles) {
        long bytes = 4L * PAGE_CELLS * TOKENS * tiles;
        if (panelWeights.byteSize() < bytes) {
            panelWeights = memory.allocate(bytes + bytes / 2, 64);
            pageMax = new float[(tiles + tiles / 2) * TOKENS];
        }
    }
}
