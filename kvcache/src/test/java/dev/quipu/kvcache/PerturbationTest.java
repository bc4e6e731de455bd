package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The audit against the formulas of arXiv 2502.03805, written from the definition in float64. */
class PerturbationTest {
    private static final KvLayout LAYOUT = new KvLayout(1, 4, 2, 32, 48, 0.17f, KvType.F32, KvType.F32, 400);
    private static final int WIDTH = 40;

    private static CacheDriver driver() {
        KvCache cache = KvCache.create(
                LAYOUT,
                Optional.of(SimdWidth.preferred()),
                EnumSet.allOf(Statistic.class),
                Optional.of(new RandomProjection(WIDTH, 48)));
        return new CacheDriver(LAYOUT, cache, 8);
    }

    @ParameterizedTest
    @EnumSource(KvPreset.class)
    void lossAgreesWithItsDefinitionAndStaysBelowItsBound(KvPreset preset) {
        try (CacheDriver driver = driver()) {
            driver.run(200);
            EvictionPlan plan = driver.cache.plan(preset.policy(), new KvBudget.Share(0.5), TaskRunner.sequential());
            driver.run(32);
            for (int kvHead = 0; kvHead < 2; kvHead++) {
                BitSet kept = plan.kept(0, kvHead);
                List<Perturbation> audit = audit(driver, plan, kvHead, 32);
                assertThat(audit).hasSize(64);
                kept.set(200, 232);
                for (Perturbation p : audit) {
                    assertThat(p.loss()).isCloseTo(loss(driver, p.head(), p.position(), kept), within(1e-5));
                    double[] massAndBound = massAndBound(driver, p.head(), p.position(), kept);
                    assertThat(p.evictedMass()).isCloseTo(massAndBound[0], within(1e-5));
                    if (massAndBound[0] < 0.499) {
                        assertThat(p.bound()).isCloseTo(massAndBound[1], withinPercentage(1e-3));
                    }
                    assertThat(p.loss()).isLessThanOrEqualTo(p.bound() * (1 + 1e-6) + 1e-6);
                    assertThat(p.keptMass() + p.evictedMass()).isCloseTo(1, within(1e-12));
                }
            }
        }
    }

    @Test
    void lossDoesNotChangeWhenAllValuesMoveTogether() {
        try (CacheDriver driver = driver()) {
            driver.run(100);
            BitSet kept = new BitSet();
            kept.set(0, 90);
            List<Perturbation> before = audit(driver, plan(driver, 1, kept), 1, 8);
            driver.cache.clear();
            for (float[] value : driver.values[0]) {
                for (int i = 0; value != null && i < value.length; i++) {
                    value[i] += 3;
                }
            }
            driver.replay(100);
            List<Perturbation> after = audit(driver, plan(driver, 1, kept), 1, 8);
            int bounded = 0;
            for (int i = 0; i < before.size(); i++) {
                assertThat(after.get(i).loss()).isCloseTo(before.get(i).loss(), within(1e-4));
                if (Double.isFinite(before.get(i).bound())) {
                    bounded++;
                    assertThat(after.get(i).bound()).isGreaterThan(before.get(i).bound());
                }
            }
            assertThat(bounded).isPositive();
        }
    }

    @Test
    void lossIsEvictedMassTimesDistanceOfEvictedAndKeptMeans() {
        try (CacheDriver driver = driver()) {
            driver.run(90);
            BitSet kept = new BitSet();
            kept.set(10, 60);
            kept.set(80, 90);
            for (Perturbation p : audit(driver, plan(driver, 0, kept), 0, 4)) {
                double[] evicted = mean(driver, p.head(), p.position(), kept, false);
                double[] stays = mean(driver, p.head(), p.position(), kept, true);
                double distance = 0;
                for (int c = 0; c < WIDTH; c++) {
                    distance += Math.abs(evicted[c] - stays[c]);
                }
                assertThat(p.loss()).isCloseTo(p.evictedMass() * distance, within(1e-5));
            }
        }
    }

    /** Keeps these cells of one KV head and all of the other. */
    private static EvictionPlan plan(CacheDriver driver, int kvHead, BitSet kept) {
        BitSet all = new BitSet();
        all.set(0, driver.cache.positions());
        BitSet[] heads = {all, all};
        heads[kvHead] = kept;
        return driver.cache.plan(new BitSet[][] {heads});
    }

    /** What the plan does to the query heads of one KV head, by its own and as one of several. */
    private static List<Perturbation> audit(CacheDriver driver, EvictionPlan plan, int kvHead, int queries) {
        EvictionPlan nothing = plan(
                driver,
                0,
                driver.cache
                        .plan(KvPreset.STREAMING.policy(), new KvBudget.All(), TaskRunner.sequential())
                        .kept(0, 0));
        PerturbationTable table = driver.cache.audit(List.of(nothing, plan), queries, TaskRunner.sequential());
        List<Perturbation> result = new ArrayList<>();
        for (int g = 0; g < LAYOUT.group(); g++) {
            int head = kvHead * LAYOUT.group() + g;
            double sum = 0;
            for (int query = 0; query < queries; query++) {
                assertThat(table.of(0, 0, head, query).loss()).isZero();
                result.add(table.of(1, 0, head, query));
                sum += result.getLast().loss();
            }
            assertThat(table.meanLoss(1, 0, head)).isCloseTo(sum / queries, within(1e-12));
        }
        return result;
    }

    /** {@code m} and {@code theta = C - (2 - 1 / sigma) sum over kept of A u}, u = || v W_O ||_1. */
    private static double[] massAndBound(CacheDriver driver, int head, int position, BitSet kept) {
        float[] slice = new float[WIDTH * 48];
        new RandomProjection(WIDTH, 48).slice(0, head, slice);
        double mass = 0;
        double keptMass = 0;
        double norms = 0;
        double keptNorms = 0;
        int kvHead = head / LAYOUT.group();
        for (int i = 0; i <= position; i++) {
            double dot = 0;
            for (int d = 0; d < 32; d++) {
                dot += (double) driver.queries[0][position][head * 32 + d] * driver.keys[0][i][kvHead * 32 + d];
            }
            double weight = Math.exp(dot * LAYOUT.scale());
            double norm = 0;
            for (int c = 0; c < WIDTH; c++) {
                double channel = 0;
                for (int d = 0; d < 48; d++) {
                    channel += (double) driver.values[0][i][kvHead * 48 + d] * slice[c * 48 + d];
                }
                norm += Math.abs(channel);
            }
            mass += weight;
            norms += weight * norm;
            keptMass += kept.get(i) ? weight : 0;
            keptNorms += kept.get(i) ? weight * norm : 0;
        }
        double sigma = keptMass / mass;
        return new double[] {1 - sigma, norms / mass - (2 - 1 / sigma) * keptNorms / mass};
    }

    /** || o - o_hat ||_1. */
    private static double loss(CacheDriver driver, int head, int position, BitSet kept) {
        BitSet all = new BitSet();
        all.set(0, position + 1);
        double[] full = mean(driver, head, position, all, true);
        double[] stays = mean(driver, head, position, kept, true);
        double sum = 0;
        for (int c = 0; c < WIDTH; c++) {
            sum += Math.abs(full[c] - stays[c]);
        }
        return sum;
    }

    /** Attention-weighted mean, over the cells that are in the set or are not, of the projected values. */
    private static double[] mean(CacheDriver driver, int head, int position, BitSet set, boolean inSet) {
        float[] slice = new float[WIDTH * 48];
        new RandomProjection(WIDTH, 48).slice(0, head, slice);
        double[] mean = new double[WIDTH];
        double mass = 0;
        int kvHead = head / LAYOUT.group();
        for (int i = 0; i <= position; i++) {
            if (set.get(i) != inSet) {
                continue;
            }
            double dot = 0;
            for (int d = 0; d < 32; d++) {
                dot += (double) driver.queries[0][position][head * 32 + d] * driver.keys[0][i][kvHead * 32 + d];
            }
            double weight = Math.exp(dot * LAYOUT.scale());
            mass += weight;
            for (int c = 0; c < WIDTH; c++) {
                for (int d = 0; d < 48; d++) {
                    mean[c] += weight * driver.values[0][i][kvHead * 48 + d] * slice[c * 48 + d];
                }
            }
        }
        for (int c = 0; c < WIDTH; c++) {
            mean[c] /= mass;
        }
        return mean;
    }
}
