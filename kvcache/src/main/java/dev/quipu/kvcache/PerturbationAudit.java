package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.attention.ValueKernel;
import dev.quipu.kvcache.eviction.HeadObservation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The output perturbation that choices of cells cause, measured against the full cache, of one KV head at a time. One for
 * each worker.
 *
 * <p>Based on arXiv 2502.03805, section 3. With R kept, E evicted, {@code sigma} and {@code m} their attention, the output
 * moves by {@code (sum over E of A v - m / sigma * sum over R of A v) W_O}: the difference is taken before it can cancel.
 * Queries are the 32 lanes of a panel, sums over a page's cells are floats, everything else is float64.
 */
final class PerturbationAudit {
    private final KvLayout layout;
    private final AttentionKernels kernels;
    private final OutputProjection projection;
    private final int paddedDim;
    private final int paddedWidth;
    private final float[] slice;
    private final float[] tile;
    private final float[] pageSums;
    private final float[] channels;

    /** float[64 cells][32]. */
    private final MemorySegment weights;

    /** float[valueDim][32]. */
    private final MemorySegment differences;

    /** double[valueDim][32], of the kept cells and of the evicted ones. */
    private final double[] keptSums;

    private final double[] evictedSums;
    private final double[] mass = new double[TOKENS];
    private final double[] evictedMass = new double[TOKENS];
    private final double[] norms = new double[TOKENS];
    private final double[] keptNorms = new double[TOKENS];
    private final double[] loss = new double[TOKENS];

    PerturbationAudit(KvLayout layout, AttentionKernels kernels, OutputProjection projection, SegmentAllocator memory) {
        this.layout = layout;
        this.kernels = kernels;
        this.projection = projection;
        paddedDim = ValueKernel.paddedDim(layout.valueDim());
        paddedWidth = projection.width() + 7 & -8;
        slice = new float[paddedWidth * layout.valueDim() + 8];
        tile = new float[PAGE_CELLS * paddedDim + TOKENS];
        pageSums = new float[paddedDim * TOKENS];
        channels = new float[paddedWidth * TOKENS];
        weights = memory.allocate(4L * PAGE_CELLS * TOKENS, 64);
        differences = memory.allocate(4L * paddedDim * TOKENS, 64);
        keptSums = new double[paddedDim * TOKENS];
        evictedSums = new double[paddedDim * TOKENS];
    }

    /**
     * Measures one KV head.
     *
     * @param evicted for each plan the cells that go
     */
    void measure(HeadObservation head, Observer observer, KvCells cells, BitSet[] evicted, PerturbationTable table) {
        for (int g = 0; g < layout.group(); g++) {
            int queryHead = head.kvHead() * layout.group() + g;
            projection.slice(head.layer(), queryHead, slice);
            for (int plan = 0; plan < evicted.length; plan++) {
                sum(head, observer, cells, g, evicted[plan]);
                project();
                for (int i = 0; i < head.lanes().length; i++) {
                    int lane = head.lanes()[i];
                    double sigma = 1 - evictedMass[lane] / mass[lane];
                    double bound =
                            sigma > 0.5 ? norms[lane] - (2 - 1 / sigma) * keptNorms[lane] : Double.POSITIVE_INFINITY;
                    table.set(plan, head.layer(), queryHead, i, loss[lane], evictedMass[lane] / mass[lane], bound);
                }
            }
        }
    }

    /** The sums of one query head over kept and evicted cells. */
    private void sum(HeadObservation head, Observer observer, KvCells cells, int g, BitSet evicted) {
        for (double[] sums : new double[][] {keptSums, evictedSums, mass, evictedMass, norms, keptNorms}) {
            Arrays.fill(sums, 0);
        }
        float[] attention = head.attention()[g];
        for (int first = 0; first < head.cells(); first += PAGE_CELLS) {
            int count = Math.min(PAGE_CELLS, head.cells() - first);
            observer.unpackValues(cells.page(first), count, tile);
            int gone = evicted.get(first, first + count).cardinality();
            if (gone < count) {
                addPage(attention, first, count, evicted, false, keptSums);
            }
            if (gone > 0) {
                addPage(attention, first, count, evicted, true, evictedSums);
            }
            for (int c = first; c < first + count; c++) {
                double norm = head.valueNorms()[g][c];
                boolean goes = evicted.get(c);
                for (int lane = 0; lane < TOKENS; lane++) {
                    double weight = attention[c * TOKENS + lane];
                    mass[lane] += weight;
                    norms[lane] += weight * norm;
                    evictedMass[lane] += goes ? weight : 0;
                    keptNorms[lane] += goes ? 0 : weight * norm;
                }
            }
        }
    }

    /** Adds {@code sum of A v} over the page's cells that go, or over those that stay. */
    private void addPage(float[] attention, int first, int count, BitSet evicted, boolean going, double[] sums) {
        for (int c = 0; c < count; c++) {
            if (evicted.get(first + c) == going) {
                MemorySegment.copy(attention, (first + c) * TOKENS, weights, RowCodec.FLOAT, 4L * TOKENS * c, TOKENS);
            } else {
                weights.asSlice(4L * TOKENS * c, 4L * TOKENS).fill((byte) 0);
            }
        }
        Arrays.fill(pageSums, 0);
        kernels.panels().multiply(tile, 0, 1, paddedDim, layout.valueDim() + 7 & -8, count, weights, 0, pageSums, 0);
        for (int i = 0; i < layout.valueDim() * TOKENS; i++) {
            sums[i] += pageSums[i];
        }
    }

    /** {@code loss = || (evicted - m / sigma * kept) W_O ||_1} of each lane. */
    private void project() {
        int dim = layout.valueDim();
        for (int i = 0; i < dim * TOKENS; i++) {
            int lane = i % TOKENS;
            double kept = mass[lane] - evictedMass[lane];
            double difference = evictedSums[i] - evictedMass[lane] / kept * keptSums[i];
            differences.set(RowCodec.FLOAT, 4L * i, (float) (difference / mass[lane]));
        }
        Arrays.fill(channels, 0);
        kernels.panels().multiply(slice, 0, dim, 1, paddedWidth, dim, differences, 0, channels, 0);
        Arrays.fill(loss, 0);
        for (int c = 0; c < projection.width(); c++) {
            for (int lane = 0; lane < TOKENS; lane++) {
                loss[lane] += Math.abs(channels[c * TOKENS + lane]);
            }
        }
    }
}
