package dev.quipu.kvcache.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Selections and allocations on random scores. */
class SelectionTest {
    private static HeadScores head(long seed, int cells, int group) {
        Random random = new Random(seed);
        float[][] scores = new float[group][cells];
        float[][] norms = new float[group][cells];
        for (int g = 0; g < group; g++) {
            float sum = 0;
            for (int i = 0; i < cells; i++) {
                scores[g][i] = (float) Math.exp(3 * random.nextGaussian());
                norms[g][i] = 0.5f + random.nextFloat();
                sum += scores[g][i];
            }
            for (int i = 0; i < cells; i++) {
                scores[g][i] /= sum;
            }
        }
        ScoreColumns columns = new ScoreColumns();
        columns.scores = scores;
        columns.valueNorms = norms;
        columns.group = GroupAggregation.SUM.combine(scores, cells);
        columns.claims = columns.group;
        columns.spare = new float[cells];
        HeadScores head = new HeadScores(columns);
        head.begin(cells, 0, Ties.EARLY);
        head.protectedCells().set(0, Math.min(4, cells));
        head.protectedCells().set(Math.max(0, cells - 8), cells);
        return head;
    }

    private static BitSet select(Selection selection, HeadScores head, int budget, int positions) {
        BitSet kept = new BitSet();
        kept.set(positions);
        selection.select(head, budget, positions, kept);
        return kept;
    }

    private static int[] sorted(BitSet set) {
        return set.stream().toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 40, 99, 100, 200})
    void topKKeepsTheHighestScores(int budget) {
        HeadScores head = head(1, 100, 3);
        BitSet kept = select(new TopK(), head, budget, 100);
        assertThat(kept.cardinality()).isEqualTo(Math.min(100, budget));
        float lowestKept = Float.MAX_VALUE;
        float highestGone = 0;
        for (int i = 4; i < 92; i++) {
            if (kept.get(i)) {
                lowestKept = Math.min(lowestKept, head.group()[i]);
            } else {
                highestGone = Math.max(highestGone, head.group()[i]);
            }
        }
        assertThat(lowestKept).isGreaterThan(highestGone);
    }

    @Test
    void ofEqualCellsTheEarlierStayOrTheLater() {
        HeadScores head = head(1, 50, 1);
        Arrays.fill(head.group(), 0.25f);
        head.group()[30] = 0.5f;
        BitSet early = select(new TopK(), head, 20, 50);
        assertThat(sorted(early)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 42, 43, 44, 45, 46, 47, 48, 49);
        BitSet fixed = (BitSet) head.protectedCells().clone();
        head.begin(50, 0, Ties.RECENT);
        head.protectedCells().or(fixed);
        assertThat(sorted(select(new TopK(), head, 20, 50)))
                .containsExactly(0, 1, 2, 3, 30, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49);
    }

    @Test
    void criticalWithoutStageTwoIsTopK() {
        for (int seed = 0; seed < 20; seed++) {
            HeadScores head = head(seed, 80, 2);
            BitSet critical = select(new Critical(1, 1e-4f, false), head, 40, 80);
            assertThat(critical).isEqualTo(select(new TopK(), head, 40, 80));
        }
    }

    @Test
    void criticalWithAHugeFloorRanksByValueNorm() {
        HeadScores head = head(3, 80, 1);
        BitSet kept = select(new Critical(0, 1e6f, false), head, 40, 80);
        BitSet byNorm = new BitSet();
        Selection.best(head, head.valueNorms()[0], 40, byNorm);
        assertThat(kept).isEqualTo(byNorm);
    }

    @Test
    void criticalSpendsHalfOnAttention() {
        HeadScores head = head(5, 80, 3);
        BitSet kept = select(new Critical(0.5f, 0, false), head, 42, 80);
        BitSet byAttention = select(new TopK(), head, 27, 80);
        assertThat(kept.cardinality()).isEqualTo(42);
        byAttention.andNot(kept);
        assertThat(byAttention.isEmpty()).isTrue();
    }

    @Test
    void productOfMeansDiffersOnlyWithinAGroup() {
        HeadScores single = head(6, 30, 1);
        assertThat(products(single, true)).isEqualTo(products(single, false));
        HeadScores group = head(6, 30, 3);
        assertThat(products(group, true)).isNotEqualTo(products(group, false));
    }

    private static float[] products(HeadScores head, boolean ofMeans) {
        return new Critical(0.5f, 0, ofMeans).products(head).clone();
    }

    @Test
    void theSweepNeverDoesWorseByItsBoundThanAttentionAlone() {
        for (int seed = 0; seed < 20; seed++) {
            HeadScores head = head(seed, 120, 2);
            BitSet swept = select(new LambdaSweep(ValueNorm.L1), head, 60, 120);
            assertThat(swept.cardinality()).isEqualTo(60);
            assertThat(theta(head, swept)).isLessThanOrEqualTo(theta(head, select(new TopK(), head, 60, 120)) + 1e-9);
        }
    }

    private static double theta(HeadScores head, BitSet kept) {
        double theta = 0;
        for (int g = 0; g < head.scores().length; g++) {
            double sigma = 0;
            double all = 0;
            double stays = 0;
            for (int i = 0; i < head.cells(); i++) {
                double product = (double) head.scores()[g][i] * head.valueNorms()[g][i];
                all += product;
                sigma += kept.get(i) ? head.scores()[g][i] : 0;
                stays += kept.get(i) ? product : 0;
            }
            assertThat(sigma).isGreaterThan(0.5);
            theta += all - (2 - 1 / sigma) * stays;
        }
        return theta;
    }

    @ParameterizedTest
    @CsvSource({"100, 120", "300, 12", "37, 33", "64, 64", "500, 30"})
    void budgetsSumUpUnderEveryAllocation(int cells, int perHead) {
        HeadScores[][] layers = new HeadScores[5][3];
        int held = 0;
        for (int l = 0; l < 5; l++) {
            for (int h = 0; h < 3; h++) {
                layers[l][h] = head(10 * l + h, cells + 7 * h, 2);
                held += cells + 7 * h;
            }
        }
        int total = Math.min(held, 15 * Math.max(12, perHead));
        for (LayerAllocation allocation : new LayerAllocation[] {
            new LayerAllocation.Uniform(),
            new LayerAllocation.Pyramid(20),
            new LayerAllocation.Prefix(),
            new LayerAllocation.Global()
        }) {
            int[] budgets = allocation.budgets(layers, total, new Ranking());
            assertThat(Arrays.stream(budgets).sum()).as(allocation.toString()).isEqualTo(total);
            for (HeadAllocation heads :
                    new HeadAllocation[] {new HeadAllocation.Uniform(), new HeadAllocation.Ada(0.2f)}) {
                for (int l = 0; l < 5; l++) {
                    int[] counts = heads.budgets(layers[l], budgets[l], new Ranking());
                    assertThat(Arrays.stream(counts).sum()).as(heads.toString()).isEqualTo(budgets[l]);
                    for (int h = 0; h < 3; h++) {
                        assertThat(counts[h]).isBetween(12, layers[l][h].cells());
                    }
                }
            }
        }
    }

    @Test
    void aPyramidNarrows() {
        HeadScores[][] layers = new HeadScores[6][1];
        for (int l = 0; l < 6; l++) {
            layers[l][0] = head(l, 1000, 1);
        }
        int[] budgets = new LayerAllocation.Pyramid(20).budgets(layers, 600, new Ranking());
        for (int l = 1; l < 6; l++) {
            assertThat(budgets[l]).isLessThan(budgets[l - 1]);
        }
        // The last layer's protected cells are more than its 5.
        assertThat(budgets[0]).isBetween(190, 195);
        assertThat(budgets[5]).isEqualTo(12);
    }

    @Test
    void poolingCountsZerosBeyondTheEnds() {
        float[] values = {1, 0, 0, 6, 0, 9};
        new Pooling(Pooling.Kind.AVERAGE, 3).apply(values, 5);
        assertThat(values).containsExactly(1 / 3f, 1 / 3f, 2, 2, 2, 9);
        float[] maxima = {1, 0, 0, 6, 0, 9};
        new Pooling(Pooling.Kind.MAX, 3).apply(maxima, 5);
        assertThat(maxima).containsExactly(1, 1, 6, 6, 6, 9);
    }

    @Test
    void budgetsAreRead() {
        assertThat(KvBudget.parse("20%")).isEqualTo(new KvBudget.Share(0.2));
        assertThat(KvBudget.parse("2.5%")).isEqualTo(new KvBudget.Share(0.025));
        assertThat(KvBudget.parse("1024")).isEqualTo(new KvBudget.Tokens(1024));
        assertThat(KvBudget.parse("64MiB")).isEqualTo(new KvBudget.Bytes(64L << 20));
        assertThat(KvBudget.parse("all")).isEqualTo(new KvBudget.All());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBudget.parse("many"))
                .withMessageContaining("many");
        assertThatIllegalArgumentException().isThrownBy(() -> KvBudget.parse("0"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBudget.parse("0.2"))
                .withMessageContaining("20%");
        assertThatIllegalArgumentException().isThrownBy(() -> KvBudget.parse("120%"));
        assertThat(new KvBudget.Share(0.2).cells(1000, 1, 1)).isEqualTo(200);
    }

    @Test
    void presetsAreFoundByName() {
        assertThat(KvPreset.named("critical-adakv")).isEqualTo(KvPreset.CRITICAL_ADAKV);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvPreset.named("best"))
                .withMessageContaining("snapkv");
        for (KvPreset preset : KvPreset.values()) {
            assertThat(KvPreset.named(preset.presetName()).policy().name()).isEqualTo(preset.presetName());
        }
    }
}
