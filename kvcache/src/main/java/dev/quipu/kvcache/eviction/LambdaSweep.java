package dev.quipu.kvcache.eviction;

import java.util.BitSet;
import java.util.Set;

/**
 * Of the sets "top of {@code A (lambda + u)}", lambda from 0 to infinity, the one whose bound
 * {@code theta = C - (2 - 1 / sigma) sum over kept of A u} is smallest. For sigma above one half theta falls in both kept sums,
 * so these sets, the corners of what is achievable, hold its minimum but for one edge; no alpha, no epsilon.
 *
 * <p>Our own, on theorem 3.3 of arXiv 2502.03805. Where no set keeps half of the attention, the highest attention wins.
 *
 * @param norm of u; the theorem's is L1
 */
public record LambdaSweep(ValueNorm norm) implements Selection {
    /** In units of the mean value norm; infinity is pure attention. */
    private static final float[] LAMBDAS = {
        Float.POSITIVE_INFINITY, 64, 32, 16, 8, 4, 2.8f, 2, 1.4f, 1, 0.7f, 0.5f, 0.35f, 0.25f, 0.125f, 0.0625f, 0
    };

    @Override
    public Set<Statistic> needs() {
        return Set.of(norm.statistic());
    }

    @Override
    public void select(HeadScores head, int budget, int positions, BitSet kept) {
        Selection.best(head, head.group(), budget, kept);
        double smallest = bound(head, kept);
        BitSet other = new BitSet(head.cells());
        for (int l = 1; l < LAMBDAS.length; l++) {
            Selection.best(head, weighed(head, LAMBDAS[l]), budget, other);
            double bound = bound(head, other);
            if (bound < smallest) {
                smallest = bound;
                kept.clear();
                kept.or(other);
            }
        }
    }

    private static float[] weighed(HeadScores head, float lambda) {
        float[] result = head.spare();
        int end = head.first() + head.cells();
        for (int g = 0; g < head.scores().length; g++) {
            float[] norms = head.valueNorms()[g];
            double mean = 0;
            for (int i = head.first(); i < end; i++) {
                mean += norms[i] / head.cells();
            }
            float offset = (float) (lambda * mean);
            for (int i = head.first(); i < end; i++) {
                result[i] += head.scores()[g][i] * (offset + norms[i]);
            }
        }
        return result;
    }

    /** Theta of the group, the sum over its heads; infinite where a head keeps less than half of its attention. */
    private static double bound(HeadScores head, BitSet kept) {
        double theta = 0;
        for (int g = 0; g < head.scores().length; g++) {
            double mass = 0;
            double keptMass = 0;
            double weight = 0;
            double keptWeight = 0;
            for (int i = 0; i < head.cells(); i++) {
                double score = head.scores()[g][head.first() + i];
                double product = score * head.valueNorms()[g][head.first() + i];
                mass += score;
                weight += product;
                if (kept.get(i)) {
                    keptMass += score;
                    keptWeight += product;
                }
            }
            double sigma = keptMass / mass;
            if (!(sigma > 0.5)) {
                return Double.POSITIVE_INFINITY;
            }
            theta += weight - (2 - 1 / sigma) * keptWeight;
        }
        return theta;
    }
}
