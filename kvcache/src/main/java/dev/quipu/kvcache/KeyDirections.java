package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import java.util.Arrays;

/** Where the keys of a head point. One for each worker. */
final class KeyDirections {
    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final float[] tile;
    private final double[] mean;

    KeyDirections(KvLayout layout, KvStore store, AttentionKernels kernels, AttentionScratch scratch) {
        this.layout = layout;
        this.store = store;
        this.kernels = kernels;
        tile = scratch.keyTile;
        mean = new double[layout.keyDim()];
    }

    /** Cosine of each key and the mean of all keys' directions. */
    void cosines(KvCells cells, float[] cosines) {
        Arrays.fill(mean, 0);
        int count = cells.count();
        for (int cell = 0; cell < count; cell++) {
            double norm = norm(cells, count, cell);
            for (int d = 0; d < mean.length; d++) {
                mean[d] += norm == 0 ? 0 : tile[d * PAGE_CELLS + cell % PAGE_CELLS] / norm;
            }
        }
        double length = 0;
        for (double x : mean) {
            length += x * x;
        }
        for (int cell = 0; cell < count; cell++) {
            double norm = norm(cells, count, cell) * Math.sqrt(length);
            double dot = 0;
            for (int d = 0; d < mean.length; d++) {
                dot += mean[d] * tile[d * PAGE_CELLS + cell % PAGE_CELLS];
            }
            cosines[cell] = norm == 0 ? 0 : (float) (dot / norm);
        }
    }

    /** Norm of a key; unpacks its page when it is the page's first. */
    private double norm(KvCells cells, int count, int cell) {
        if (cell % PAGE_CELLS == 0) {
            int number = cells.page(cell);
            int length = Math.min(PAGE_CELLS, count - cell);
            kernels.keys().unpack(store.memory(number), store.offset(number), length, layout.keyDim(), tile);
        }
        double sum = 0;
        for (int d = 0; d < layout.keyDim(); d++) {
            double x = tile[d * PAGE_CELLS + cell % PAGE_CELLS];
            sum += x * x;
        }
        return Math.sqrt(sum);
    }
}
