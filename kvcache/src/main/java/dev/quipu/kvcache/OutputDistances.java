package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;

/**
 * How far values lie from up to 32 points, as the residual stream sees it: {@code || (v_i - y_j) W_O ||_2} from
 * {@code M = W_O W_O^T}, {@code v M v + y M y - 2 v M y}. The points y and their images M y are panels. One for each worker.
 */
final class OutputDistances {
    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final AttentionScratch scratch;
    private final MemorySegment panel;

    /** float[valueDim][32]: the points, as their owner writes them. */
    final float[] points;

    private final float[] images;
    private final MemorySegment imagePanel;
    private final float[] own = new float[TOKENS];
    private final float[] halved = new float[TOKENS];

    /** float[64 cells][32]. */
    final float[] distances = new float[PAGE_CELLS * TOKENS];

    OutputDistances(
            KvLayout layout,
            KvStore store,
            AttentionKernels kernels,
            AttentionScratch scratch,
            SegmentAllocator memory) {
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        this.scratch = scratch;
        int floats = scratch.paddedDim * TOKENS;
        points = new float[floats];
        images = new float[floats];
        panel = memory.allocate(4L * floats, 64);
        Arrays.fill(halved, 0.5f);
        imagePanel = memory.allocate(4L * floats, 64);
    }

    /**
     * Computes the images of the points in lanes {@code [from, to)}.
     *
     * @param half the query head's {@link ValueNorms#half}
     */
    void project(float[] half, int from, int to) {
        int rows = layout.valueDim() + 7 & -8;
        MemorySegment.copy(points, 0, panel, RowCodec.FLOAT, 0, points.length);
        Arrays.fill(images, 0);
        kernels.panels().multiply(half, 0, rows, 1, rows, layout.valueDim(), panel, 0, images, 0);
        kernels.panels().multiply(half, 0, 1, rows, rows, layout.valueDim(), panel, 0, images, 0);
        kernels.softmax().rescale(images, 0, layout.valueDim(), halved);
        Arrays.fill(own, from, to, 0);
        for (int d = 0; d < layout.valueDim(); d++) {
            MemorySegment.copy(
                    images, d * TOKENS + from, imagePanel, RowCodec.FLOAT, 4L * (d * TOKENS + from), to - from);
            for (int lane = from; lane < to; lane++) {
                own[lane] += points[d * TOKENS + lane] * images[d * TOKENS + lane];
            }
        }
    }

    /** {@code distances[c][lane] = v M y} of the cells of a page. */
    void multiply(int number, int length) {
        long values = store.values(number);
        kernels.values().unpack(store.memory(number), values, length, layout.valueDim(), scratch.valueTile);
        Arrays.fill(distances, 0);
        kernels.panels()
                .multiply(
                        scratch.valueTile,
                        0,
                        scratch.paddedDim,
                        1,
                        length + 7 & -8,
                        layout.valueDim(),
                        imagePanel,
                        0,
                        distances,
                        0);
    }

    /**
     * Turns products of {@link #multiply} into distances, where all points are of the same query head.
     *
     * @param squares {@code || v W_O ||_2^2} of the cells, from index {@code first}
     */
    void finish(int length, float[] squares, int first) {
        kernels.lanes().distances(distances, length, squares, first, own);
    }

    /** The distance of a cell from one point. */
    float distance(int c, int lane, float square) {
        return (float) Math.sqrt(Math.max(0, square + own[lane] - 2 * distances[c * TOKENS + lane]));
    }
}
