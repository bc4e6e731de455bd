package dev.quipu.kvcache.eviction;

import java.util.Arrays;

/** How many of its layer's cells each KV head keeps. */
public sealed interface HeadAllocation {
    /**
     * Cells per head, protected ones included; they sum to {@code total} where the heads hold as many.
     *
     * @param ranking for whoever ranks
     */
    int[] budgets(HeadScores[] heads, int total, Ranking ranking);

    /** Every head the same. */
    record Uniform() implements HeadAllocation {
        @Override
        public int[] budgets(HeadScores[] heads, int total, Ranking ranking) {
            double[] weights = new double[heads.length];
            Arrays.fill(weights, 1);
            return HeadAllocation.apportion(heads, total, weights);
        }
    }

    /**
     * Each head keeps as many as it has among the layer's best, and {@code floor} of an equal share in any case.
     *
     * <p>Based on Feng et al., "Ada-KV", arXiv 2407.11550, algorithm 1; floor 0.2 under GQA.
     */
    record Ada(float floor) implements HeadAllocation {
        public Ada {
            if (!(floor >= 0 && floor <= 1)) {
                throw new IllegalArgumentException("floor " + floor);
            }
        }

        @Override
        public int[] budgets(HeadScores[] heads, int total, Ranking ranking) {
            int[] kept = HeadAllocation.protectedCells(heads);
            int rest = Math.max(0, total - HeadScores.cells(heads) + HeadScores.evictable(heads));
            int safe = (int) (floor * rest / heads.length);
            ranking.clear(HeadScores.evictable(heads), heads[0].ties());
            for (int h = 0; h < heads.length; h++) {
                Ranking own = heads[h].ranking(heads[h].claims());
                int safest = Math.min(own.size(), safe);
                own.top(safest);
                for (int i = safest; i < own.size(); i++) {
                    ranking.add(heads[h].claims()[heads[h].first() + own.index(i)], h);
                }
                kept[h] += safest;
                rest -= safest;
            }
            int best = Math.min(rest, ranking.size());
            ranking.top(best);
            for (int i = 0; i < best; i++) {
                kept[ranking.index(i)]++;
            }
            return kept;
        }
    }

    /** What each head holds, up to {@code most} cells, whatever the budget. */
    record Capped(int most) implements HeadAllocation {
        @Override
        public int[] budgets(HeadScores[] heads, int total, Ranking ranking) {
            int[] kept = new int[heads.length];
            for (int h = 0; h < heads.length; h++) {
                kept[h] = Math.min(heads[h].cells(), most);
            }
            return kept;
        }
    }

    private static int[] apportion(HeadScores[] heads, int total, double[] weights) {
        int[] most = new int[heads.length];
        for (int h = 0; h < heads.length; h++) {
            most[h] = heads[h].cells();
        }
        return Apportionment.split(total, weights, protectedCells(heads), most);
    }

    private static int[] protectedCells(HeadScores[] heads) {
        int[] cells = new int[heads.length];
        for (int h = 0; h < heads.length; h++) {
            cells[h] = heads[h].cells() - heads[h].evictable();
        }
        return cells;
    }
}
