package dev.quipu.kvcache.eviction;

import java.util.BitSet;
import java.util.Set;

/**
 * Two stages that bound the output perturbation: {@code alpha} of the budget goes to the highest scores (which secures an
 * attention mass above one half), the rest to the highest {@code (A + epsilon) u}, {@code u = || v W_O ||_1}.
 *
 * <p>Based on Feng et al., "Identify Critical KV Cache in LLM Inference from an Output Perturbation Perspective",
 * arXiv 2502.03805, algorithm 1; stage 1 by pure attention, as its text has it. A group's cell is worth the sum of
 * {@code (A + epsilon) u} over its heads, which is the bound of the group. Differs from kvpress: stage 1 does not count
 * protected cells.
 *
 * @param alpha share of stage 1, 0 to 1; published 0.5
 * @param epsilon floor of the attention; published 1e-4
 * @param productOfMeans the mean of A times the mean of u over the group, as kvpress does
 * @param norm of the projected value; published L1
 * @param centred u (in L1) of the value less the window's mean output: the bound holds for any centre, and the perturbation does not
 *     change when all values move together
 */
public record Critical(float alpha, float epsilon, boolean productOfMeans, ValueNorm norm, boolean centred)
        implements Selection {
    public Critical {
        if (!(alpha >= 0 && alpha <= 1) || !(epsilon >= 0)) {
            throw new IllegalArgumentException("alpha " + alpha + ", epsilon " + epsilon);
        }
    }

    public Critical(float alpha, float epsilon, boolean productOfMeans) {
        this(alpha, epsilon, productOfMeans, ValueNorm.L1, false);
    }

    @Override
    public Set<Statistic> needs() {
        return Set.of(centred ? Statistic.CENTRED_NORM : norm.statistic());
    }

    @Override
    public void select(HeadScores head, int budget, int positions, BitSet kept) {
        int free = Math.min(budget, head.cells()) - head.protectedCells().cardinality();
        Selection.best(head, head.group(), budget - free + (int) (alpha * free), kept);
        Selection.fill(kept, head, products(head), budget);
    }

    /** {@code (A + epsilon) u} of each cell of the head, from its first. */
    float[] products(HeadScores head) {
        int group = head.scores().length;
        float[] product = head.spare();
        for (int i = head.first(); i < head.first() + head.cells(); i++) {
            float scores = 0;
            float norms = 0;
            float products = 0;
            for (int g = 0; g < group; g++) {
                float score = head.scores()[g][i] + epsilon;
                float norm = head.valueNorms()[g][i];
                scores += score;
                norms += norm;
                products += score * norm;
            }
            product[i] = productOfMeans ? scores / group * (norms / group) : products;
        }
        return product;
    }
}
