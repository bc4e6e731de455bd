package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.ValueKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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

    /** Panel: float[64 cells][32 tokens]. */
    final MemorySegment panelWeights;

    /** Panel: float[group][paddedDim][32 tokens]. */
    final float[] sums;

    /** Panel: float[group][32]. */
    final float[] max;

    /** Panel: float[group][32]. */
    final float[] total;

    /** Panel: float[32]. */
    final float[] correction = new float[TOKENS];

    /** Panel: float[group][cells][32], the scores of all cells, for those who take notes. */
    private float[] noted = new float[0];

    /** valueDim as the kernels have it. */
    final int paddedDim;

    AttentionScratch(KvLayout layout, Arena arena) {
        int group = layout.group();
        paddedDim = ValueKernel.paddedDim(layout.valueDim());
        query = new float[group * layout.keyDim() + 8];
        scores = new float[group * DecodeAttention.SPLIT_CELLS];
        keyTile = new float[(layout.keyDim() + 8) * PAGE_CELLS];
        valueTile = new float[PAGE_CELLS * paddedDim + TOKENS];
        panelScores = new float[PAGE_CELLS * TOKENS];
        panelWeights = arena.allocate(4L * PAGE_CELLS * TOKENS, 64);
        sums = new float[group * paddedDim * TOKENS];
        max = new float[group * TOKENS];
        total = new float[group * TOKENS];
    }

    /** Room for the scores of all cells; their content is undefined. */
    float[] noted(int floats) {
        if (noted.length < floats) {
            noted = new float[floats + floats / 2];
        }
        return noted;
    }
}
