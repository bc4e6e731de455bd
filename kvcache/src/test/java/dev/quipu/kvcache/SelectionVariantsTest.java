package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies as text against the same selections in float64. */
class SelectionVariantsTest {
    private static final KvLayout LAYOUT = new KvLayout(1, 4, 2, 32, 48, 0.17f, KvType.F32, KvType.F32, 400);
    private static final OutputProjection PROJECTION = new RandomProjection(40, 48);
    private static final int KEEP = 50;

    @ParameterizedTest
    @CsvSource({
        "snap-none, snapkv pool=none",
        "snap-avg5, snapkv pool=avg5",
        "snap-max7, snapkv",
        "critical-paper, criticalkv norm=l1",
        "critical-max7, criticalkv pool=max7 norm=l1",
        "prod0, criticalkv pool=none alpha=0 epsilon=0 norm=l1",
        "prod0-l2, criticalkv pool=none alpha=0 epsilon=0",
        "ctr1, criticalkv pool=none alpha=0 epsilon=0 centre=mean",
        "ctr1-two, criticalkv pool=none epsilon=0 centre=mean",
        "pq, loo",
        "pq-two, loo selection=staged",
        "pq-max3, loo pool=max3",
        "pq-floor, loo floor=1e-4",
        "rms-A, snapkv pool=none over=square",
        "rms-pq, loo over=square",
        "rms-pq-max3, loo over=square pool=max3",
        "def-A, snapkv pool=none over=max across=max",
        "def-pq, loo over=max across=max",
        "mix-pq, loo over=mix"
    })
    void keepsWhatTheFormulaKeeps(String variant, String text) {
        KvCache cache = KvCache.create(
                LAYOUT, Optional.of(SimdWidth.preferred()), EnumSet.allOf(Statistic.class), Optional.of(PROJECTION));
        try (CacheDriver driver = new CacheDriver(LAYOUT, cache, 5)) {
            driver.run(230);
            KvPolicy policy = KvPolicy.parse(text + " sinks=0");
            KvBudget budget = new KvBudget.Tokens(KEEP + SelectionVariants.WINDOW);
            EvictionPlan plan = cache.plan(policy, budget, TaskRunner.sequential());
            for (int kvHead = 0; kvHead < 2; kvHead++) {
                BitSet expected = new SelectionVariants(driver, PROJECTION, kvHead, KEEP).kept(variant);
                expected.set(230 - SelectionVariants.WINDOW, 230);
                assertThat(plan.kept(0, kvHead)).as("KV head %d", kvHead).isEqualTo(expected);
            }
        }
    }
}
