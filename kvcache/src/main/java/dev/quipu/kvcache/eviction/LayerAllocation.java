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
            LayerAllocation.rank(layers, ranking);
            ranking.sort();
            double[] mass = new double[layers.length];
            for (int i = 0; i < ranking.size(); i++) {
                mass[ranking.index(i)] += ranking.score(i);
            }
            double[] kept = new double[layers.length];
            double[] counts = new double[layers.length];
            double low = 0;
            double high = 1;
            for (int i = 0; i < 40; i++) {
                double middle = (low + high) / 2;
                if (count(layers, ranking, mass, middle, kept, counts) <= total) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            count(layers, ranking, mass, low, kept, counts);
            return LayerAllocation.apportion(layers, total, counts);
        }

        /** Cells of the shortest prefixes that hold a share of each layer's mass, protected ones included; and their sum. */
        private static int count(
                HeadScores[][] layers, Ranking sorted, double[] mass, double share, double[] kept, double[] counts) {
            Arrays.fill(kept, 0);
            int sum = 0;
            for (int l = 0; l < layers.length; l++) {
                int fixed = LayerAllocation.protectedCells(layers[l]);
                counts[l] = fixed;
                sum += fixed;
            }
            for (int i = 0; i < sorted.size(); i++) {
                int l = sorted.index(i);
                if (kept[l] < share * mass[l]) {
                    kept[l] += sorted.score(i);
                    counts[l]++;
                    sum++;
                }
            }
            return sum;
        }
    }

    /** One ranking over all layers and heads. */
    record Global() implements LayerAllocation {
        @Override
        public int[] budgets(HeadScores[][] layers, int total, Ranking ranking) {
            LayerAllocation.rank(layers, ranking);
            int fixed = 0;
            for (HeadScores[] layer : layers) {
                fixed += LayerAllocation.protectedCells(layer);
            }
            int count = Math.clamp(total - fixed, 0, ranking.size());
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

    /** Ranks what all cells that may go claim, each by its layer. */
    private static void rank(HeadScores[][] layers, Ranking ranking) {
        int candidates = 0;
        for (HeadScores[] layer : layers) {
            candidates += HeadScores.evictable(layer);
        }
        ranking.clear(candidates, layers[0][0].ties());
        for (int l = 0; l < layers.length; l++) {
            for (HeadScores head : layers[l]) {
                head.claim(ranking, l);
            }
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
