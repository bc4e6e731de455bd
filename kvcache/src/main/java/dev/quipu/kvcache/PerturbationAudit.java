package dev.quipu.kvcache;

import dev.quipu.kvcache.eviction.HeadObservation;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The output perturbation that a choice of cells causes, measured against the full cache, in float64.
 *
 * <p>Based on arXiv 2502.03805, section 3. With R kept, E evicted, {@code sigma} and {@code m} their attention, the output
 * moves by {@code (sum over E of A v - m / sigma * sum over R of A v) W_O}: the difference is taken before it can cancel.
 */
final class PerturbationAudit {
    private final KvLayout layout;
    private final OutputProjection projection;

    PerturbationAudit(KvLayout layout, OutputProjection projection) {
        this.layout = layout;
        this.projection = projection;
    }

    List<Perturbation> measure(HeadObservation head, Observer observer, KvCells cells, BitSet kept) {
        float[][] values = observer.values(cells, head.cells());
        float[] slice = new float[(projection.width() + 7 & -8) * layout.valueDim() + 8];
        List<Perturbation> result = new ArrayList<>();
        for (int g = 0; g < layout.group(); g++) {
            int queryHead = head.kvHead() * layout.group() + g;
            projection.slice(head.layer(), queryHead, slice);
            for (int i = 0; i < head.lanes().length; i++) {
                int lane = head.lanes()[i];
                result.add(measure(head, g, queryHead, lane, observer.queryPosition(lane), values, slice, kept));
            }
        }
        return result;
    }

    private Perturbation measure(
            HeadObservation head,
            int g,
            int queryHead,
            int lane,
            int position,
            float[][] values,
            float[] slice,
            BitSet kept) {
        double[] keptSum = new double[layout.valueDim()];
        double[] evictedSum = new double[layout.valueDim()];
        double keptMass = 0;
        double evictedMass = 0;
        double keptNorms = 0;
        double norms = 0;
        for (int i = 0; i < head.cells(); i++) {
            double weight = head.attention()[g][i * HeadObservation.LANES + lane];
            boolean stays = kept.get(i);
            double[] sum = stays ? keptSum : evictedSum;
            for (int d = 0; d < sum.length; d++) {
                sum[d] += weight * values[i][d];
            }
            double norm = weight * head.valueNorms()[g][i];
            norms += norm;
            if (stays) {
                keptMass += weight;
                keptNorms += norm;
            } else {
                evictedMass += weight;
            }
        }
        double sigma = keptMass / (keptMass + evictedMass);
        for (int d = 0; d < keptSum.length; d++) {
            evictedSum[d] -= evictedMass / keptMass * keptSum[d];
        }
        double bound = sigma > 0.5 ? norms - (2 - 1 / sigma) * keptNorms : Double.POSITIVE_INFINITY;
        return new Perturbation(queryHead, position, project(evictedSum, slice), 1 - sigma, bound);
    }

    /** {@code || x W_O ||_1}. */
    private double project(double[] x, float[] slice) {
        double sum = 0;
        for (int c = 0; c < projection.width(); c++) {
            double channel = 0;
            for (int d = 0; d < x.length; d++) {
                channel += x[d] * slice[c * x.length + d];
            }
            sum += Math.abs(channel);
        }
        return sum;
    }
}
