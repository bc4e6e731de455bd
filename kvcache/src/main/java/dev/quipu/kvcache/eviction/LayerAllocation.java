package dev.quipu.kvcache.eviction;

import java.util.Arrays;

/** How many cells each layer keeps, all its KV heads together. */
public sealed interface LayerAllocation {
    /**
     * Cells per layer, protected ones included; they sum to {@code total} where the layers hold as many.
     *
     * @param layers HeadScores[layers][kvHeads]
     * @param ranking for whoever ranks
     */
    int[] budgets(HeadScores[][] layers, int total, Ranking ranking);

    /** Every layer the same. */
    record Uniform() implements LayerAllocation {
        @Override
        public int[] budgets(HeadScores[][] layers, int total, Ranking ranking) {
            double[] weights = new double[layers.length];
            Arrays.fill(weights, 1);
            return LayerAllocation.apportion(layers, total, weights);
        }
    }

    /**
     * Linearly fewer towards the last layer: from 2 - 1 / beta of the mean down to 1 / beta.
     *
     * <p>Based on Cai et al., "PyramidKV", arXiv 2406.02069, section 4; beta = 20.
     */
    record Pyramid(float beta) implements LayerAllocation {
        public Pyramid {
            if (!(beta >= 1)) {
                throw new IllegalArgumentException("beta " + beta);
            }
        }

        @Override
        public int[] budgets(HeadScores[][] layers, int total, Ranking ranking) {
            double[] weights = new double[layers.length];
            for (int l = 0; l < weights.length; l++) {
                double depth = weights.length == 1 ? 0.5 : (double) l / (weights.length - 1);
                weights[l] = 2 - 1 / beta - depth * (2 - 2 / beta);
            }
            return LayerAllocation.apportion(layers, total, weights);
        }
    }

    /**
     * The same share p of each layer's score mass: a layer keeps its shortest prefix, best cells first, that holds p. The
     * p that meets the budget is found by bisection.
     *
     * <p>Based on Wang et al., "PrefixKV", arXiv 2412.03409, section 3.3. Differs: the cells of all KV heads of a layer are
     * ranked together.
     */
    record Prefix() implements LayerAllocation {
        @Override
        public int[] budgets(HeadScores[][] layers, int total, Ranking ranking) {
            float[][] descending = new float[layers.length][];
            for (int l = 0; l < layers.length; l++) {
                descending[l] = descending(layers[l]);
            }
            double low = 0;
            double high = 1;
            for (int i = 0; i < 40; i++) {
                double middle = (low + high) / 2;
                if (Arrays.stream(counts(layers, descending, middle)).sum() <= total) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return LayerAllocation.apportion(layers, total, counts(layers, descending, low));
        }

        private static float[] descending(HeadScores[] heads) {
            int count = 0;
            float[] scores = new float[HeadScores.evictable(heads)];
            for (HeadScores head : heads) {
                for (int i = 0; i < head.cells(); i++) {
                    if (!head.protectedCells().get(i)) {
                        scores[count] = -head.group()[i];
                        count++;
                    }
                }
            }
            Arrays.sort(scores);
            return scores;
        }

        private static double[] counts(HeadScores[][] layers, float[][] descending, double share) {
            double[] counts = new double[layers.length];
            for (int l = 0; l < layers.length; l++) {
                double mass = 0;
                for (float score : descending[l]) {
                    mass -= score;
                }
                double kept = 0;
                int count = 0;
                while (count < descending[l].length && kept < share * mass) {
                    kept -= descending[l][count];
                    count++;
                }
                counts[l] = LayerAllocation.protectedCells(layers[l]) + count;
            }
            return counts;
        }
    }

    /** One ranking over all layers and heads. */
    record Global() implements LayerAllocation {
        @Override
        public int[] budgets(HeadScores[][] layers, int total, Ranking ranking) {
            int fixed = 0;
            int candidates = 0;
            for (HeadScores[] layer : layers) {
                fixed += LayerAllocation.protectedCells(layer);
                candidates += HeadScores.evictable(layer);
            }
            ranking.clear(candidates, layers[0][0].ties());
            for (int l = 0; l < layers.length; l++) {
                for (HeadScores head : layers[l]) {
                    for (int i = 0; i < head.cells(); i++) {
                        if (!head.protectedCells().get(i)) {
                            ranking.add(head.group()[i], l);
                        }
                    }
                }
            }
            int count = Math.clamp(total - fixed, 0, candidates);
            ranking.top(count);
            double[] weights = new double[layers.length];
            for (int i = 0; i < count; i++) {
                weights[ranking.index(i)]++;
            }
            for (int l = 0; l < layers.length; l++) {
                weights[l] += LayerAllocation.protectedCells(layers[l]);
            }
            return LayerAllocation.apportion(layers, total, weights);
        }
    }

    private static int protectedCells(HeadScores[] layer) {
        return HeadScores.cells(layer) - HeadScores.evictable(layer);
    }

    private static int[] apportion(HeadScores[][] layers, int total, double[] weights) {
        int[] least = new int[layers.length];
        int[] most = new int[layers.length];
        for (int l = 0; l < layers.length; l++) {
            least[l] = protectedCells(layers[l]);
            most[l] = HeadScores.cells(layers[l]);
        }
        return Apportionment.split(total, weights, least, most);
    }
}
