package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.BitSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A cache that outgrows its budget all the time. */
class BoundedCacheTest {
    private static final int BUDGET = 256;
    private static final KvLayout LAYOUT = new KvLayout(2, 4, 2, 32, 32, 0.177f, KvType.F16, KvType.F16, 512);

    private static KvCache cache(KvPolicy policy) {
        return KvCache.create(
                LAYOUT,
                Optional.of(SimdWidth.preferred()),
                policy.needs(),
                Optional.of(new RandomProjection(48, LAYOUT.valueDim())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"streaming", "loo", "critical-adakv", "h2o", "keydiff"})
    void aChunkedPromptStaysWithinBudgetAndTwoChunks(String name) {
        KvPolicy policy = KvPolicy.parse(name + " window=16");
        int chunk = 64;
        try (KvCache cache = cache(policy)) {
            BoundedCache bounded = new BoundedCache(cache, policy, new KvBudget.Tokens(BUDGET));
            AttentionScratch scratch = cache.newScratch();
            try (CacheDriver driver = new CacheDriver(LAYOUT, cache, 4)) {
                MemorySegment k = driver.activations(rows(driver, 64, chunk), 0, chunk);
                MemorySegment q = driver.activations(rows(driver, 128, chunk), 0, chunk);
                MemorySegment out = driver.allocate(128, chunk);
                double most = 0;
                for (int i = 0; i < 20; i++) {
                    batch(cache, scratch, k, q, out, chunk);
                    most = Math.max(most, cache.meanCells());
                    bounded.shrink(chunk, TaskRunner.sequential());
                    assertThat(cache.meanCells()).isLessThanOrEqualTo(BUDGET + chunk);
                }
                assertThat(most).isBetween(BUDGET + 1.0, BUDGET + 2.0 * chunk);
                assertThat(cache.positions()).isEqualTo(20 * chunk);
            }
        }
    }

    /** Where dear passes come less often. */
    @ParameterizedTest
    @CsvSource({"snapkv, 3", "loo, 2", "foresight, 2"})
    void aLongGenerationEvictsOnceInAPartOfItsBudgetInConstantMemory(String name, int part) {
        KvPolicy policy = KvPolicy.parse(name);
        try (KvCache cache = cache(policy)) {
            BoundedCache bounded = new BoundedCache(cache, policy, new KvBudget.Tokens(BUDGET));
            AttentionScratch scratch = cache.newScratch();
            try (CacheDriver driver = new CacheDriver(LAYOUT, cache, 4)) {
                MemorySegment k = driver.activations(rows(driver, 64, 1), 0, 1);
                MemorySegment q = driver.activations(rows(driver, 128, 1), 0, 1);
                MemorySegment out = driver.allocate(128, 1);
                int evictions = 0;
                long bytes = 0;
                for (int i = 0; i < 5000; i++) {
                    batch(cache, scratch, k, q, out, 1);
                    Optional<EvictionReport> report = bounded.shrink(bounded.slack(), TaskRunner.sequential());
                    if (report.isPresent()) {
                        evictions++;
                        assertThat(report.get().evicted()).isEqualTo(4L * (BUDGET / part + 1));
                    }
                    if (i < 1000) {
                        bytes = Math.max(bytes, cache.residentBytes());
                    }
                    assertThat(cache.residentBytes()).isLessThanOrEqualTo(bytes);
                }
                assertThat(evictions).isEqualTo((5000 - BUDGET) / (BUDGET / part + 1));
                assertThat(cache.positions()).isEqualTo(5000);
            }
        }
    }

    @Test
    void aHeadThatHoldsNearlyAllIsCutToWhatFits() {
        KvPolicy policy = KvPolicy.parse("loo heads=ada layers=global");
        try (KvCache cache = cache(policy)) {
            BoundedCache bounded = new BoundedCache(cache, policy, new KvBudget.Tokens(BUDGET));
            AttentionScratch scratch = cache.newScratch();
            try (CacheDriver driver = new CacheDriver(LAYOUT, cache, 4)) {
                MemorySegment k = driver.activations(rows(driver, 64, 64), 0, 64);
                MemorySegment q = driver.activations(rows(driver, 128, 64), 0, 64);
                MemorySegment out = driver.allocate(128, 64);
                for (int i = 0; i < 8; i++) {
                    batch(cache, scratch, k, q, out, 64);
                }
                BitSet[][] kept = new BitSet[2][2];
                for (int head = 0; head < 4; head++) {
                    kept[head / 2][head % 2] = new BitSet();
                    kept[head / 2][head % 2].set(head == 1 ? 0 : 412, 512);
                }
                cache.apply(cache.plan(kept), TaskRunner.sequential());
                bounded.fit(450, TaskRunner.sequential());
                assertThat(cache.cellCount(0, 1)).isEqualTo(450);
                assertThat(cache.cellCount(0, 0)).isEqualTo(100);
                assertThat(cache.longest()).isEqualTo(450);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"streaming", "snapkv", "criticalkv", "h2o", "loo", "foresight", "farsight"})
    void aPassLeavesNoGarbageThatGrowsWithItsCells(String name) {
        // What it makes: sets of cells and what names them, under three kilobytes a head.
        assertThat(allocatedByAPass(KvPolicy.parse(name), 512)).isLessThan(4 * 3072);
    }

    private static long allocatedByAPass(KvPolicy policy, int budget) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        KvLayout layout = new KvLayout(2, 4, 2, 32, 32, 0.177f, KvType.F16, KvType.F16, 1024);
        // Scalar: vectors are objects until they are compiled.
        KvCache cache =
                KvCache.create(layout, Optional.empty(), policy.needs(), Optional.of(new RandomProjection(48, 32)));
        try (CacheDriver driver = new CacheDriver(layout, cache, 4)) {
            MemorySegment k = driver.activations(rows(driver, 64, 64), 0, 64);
            MemorySegment q = driver.activations(rows(driver, 128, 64), 0, 64);
            MemorySegment out = driver.allocate(128, 64);
            long least = Long.MAX_VALUE;
            for (int i = 0; i < budget / 64 + 6; i++) {
                batch(cache, driver.scratch, k, q, out, 64);
                long before = threads.getCurrentThreadAllocatedBytes();
                cache.evict(policy, new KvBudget.Tokens(budget), TaskRunner.sequential());
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                least = i > budget / 64 ? Math.min(least, allocated) : least;
            }
            assertThat(cache.meanCells()).isEqualTo(budget);
            return least;
        }
    }

    private static float[][] rows(CacheDriver driver, int channels, int tokens) {
        float[][] rows = new float[tokens][];
        for (int t = 0; t < tokens; t++) {
            rows[t] = driver.gaussian(channels, 1);
        }
        return rows;
    }

    private static void batch(
            KvCache cache, AttentionScratch scratch, MemorySegment k, MemorySegment q, MemorySegment out, int tokens) {
        cache.begin(tokens);
        for (int layer = 0; layer < LAYOUT.layers(); layer++) {
            for (int kvHead = 0; kvHead < LAYOUT.kvHeads(); kvHead++) {
                cache.append(layer, kvHead, k, k, tokens);
            }
            int tasks = cache.attentionTasks(layer, tokens);
            for (int task = 0; task < tasks; task++) {
                cache.attend(layer, task, q, out, tokens, scratch);
            }
            cache.merge(layer, out, tokens);
        }
        cache.commit();
    }
}
