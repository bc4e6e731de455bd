package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.eviction.LeaveOneOut;
import dev.quipu.kvcache.eviction.Pooling;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.eviction.Threshold;
import dev.quipu.kvcache.simd.SimdWidth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies on a cache: what stays, and that what stays is all that attention sees. */
class EvictionTest {
    private static final TaskRunner RUNNER = TaskRunner.sequential();

    private static KvLayout layout(KvType type) {
        return new KvLayout(2, 6, 2, 64, 64, 0.125f, type, type, 600);
    }

    private static CacheDriver driver(KvType type, Optional<SimdWidth> width) {
        KvLayout layout = layout(type);
        KvCache cache = KvCache.create(
                layout, width, EnumSet.allOf(Statistic.class), Optional.of(new RandomProjection(96, 64)));
        return new CacheDriver(layout, cache, 21);
    }

    private static CacheDriver driver() {
        return driver(KvType.F32, Optional.of(SimdWidth.preferred()));
    }

    static Stream<Arguments> policiesAndTypes() {
        List<Arguments> cases = new ArrayList<>();
        for (KvPreset preset : KvPreset.values()) {
            cases.add(Arguments.of(preset, KvType.F32, Optional.of(SimdWidth.preferred())));
        }
        for (KvPreset preset : new KvPreset[] {KvPreset.LOO, KvPreset.CRITICAL_ADAKV, KvPreset.CORM}) {
            cases.add(Arguments.of(preset, KvType.F16, Optional.empty()));
            for (KvType type : new KvType[] {KvType.F16, KvType.Q8_0, KvType.Q4_0}) {
                cases.add(Arguments.of(preset, type, Optional.of(SimdWidth.preferred())));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("policiesAndTypes")
    void attentionSeesExactlyWhatStays(KvPreset preset, KvType type, Optional<SimdWidth> width) {
        try (CacheDriver driver = driver(type, width)) {
            driver.run(200);
            driver.run(1);
            driver.cache.evict(preset.policy(), new KvBudget.Share(0.4), RUNNER);
            assertSeesWhatStays(driver, type, 1);
            assertSeesWhatStays(driver, type, 40);
            driver.cache.evict(preset.policy(), new KvBudget.Tokens(70), RUNNER);
            assertSeesWhatStays(driver, type, 1);
            assertSeesWhatStays(driver, type, 33);
        }
    }

    private static void assertSeesWhatStays(CacheDriver driver, KvType type, int tokens) {
        KvLayout layout = driver.layout;
        float[][][] out = driver.run(tokens);
        for (int layer = 0; layer < layout.layers(); layer++) {
            for (int t : new int[] {0, tokens - 1}) {
                int position = driver.cache.positions() - tokens + t;
                double[] expected = new double[layout.heads() * layout.valueDim()];
                for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
                    int[] visible = Arrays.stream(driver.cache.cellPositions(layer, kvHead))
                            .filter(p -> p <= position)
                            .toArray();
                    double[] all = ReferenceAttention.attend(
                            layout,
                            driver.keys[layer],
                            driver.values[layer],
                            driver.queries[layer][position],
                            visible,
                            Rounding.of(type, layout.keyDim()),
                            Rounding.of(type, layout.valueDim()));
                    int group = layout.group() * layout.valueDim();
                    System.arraycopy(all, kvHead * group, expected, kvHead * group, group);
                }
                ReferenceAttention.assertClose(out[layer][t], expected, 1e-5, "layer " + layer + " token " + position);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvPreset.class)
    void protectedCellsStayAndPositionsAscend(KvPreset preset) {
        try (CacheDriver driver = driver()) {
            driver.run(300);
            driver.cache.protect(50, 60);
            EvictionReport report = driver.cache.evict(preset.policy(), new KvBudget.Tokens(80), RUNNER);
            long sum = 0;
            for (int layer = 0; layer < 2; layer++) {
                for (int kvHead = 0; kvHead < 2; kvHead++) {
                    int[] positions = driver.cache.cellPositions(layer, kvHead);
                    assertThat(positions).isSorted().doesNotHaveDuplicates();
                    assertThat(positions).contains(0, 1, 2, 3, 50, 55, 59, 268, 280, 299);
                    assertThat(positions.length).isEqualTo(driver.cache.cellCount(layer, kvHead));
                    sum += positions.length;
                }
            }
            assertThat(report.cellsBefore()).isEqualTo(4 * 300);
            assertThat(report.cellsAfter()).isEqualTo(sum);
            if (preset != KvPreset.CORM) {
                assertThat(sum).isEqualTo(4 * 80);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvPreset.class)
    void aBudgetOfEverythingChangesNoBit(KvPreset preset) {
        try (CacheDriver driver = driver()) {
            driver.run(200);
            float[][][] before = driver.run(40);
            driver.cache.truncate(200);
            driver.replay(1);
            driver.cache.truncate(200);
            driver.replay(40);
            KvPolicy policy =
                    preset == KvPreset.CORM ? preset.policy().withSelection(new Threshold(1000)) : preset.policy();
            EvictionReport report = driver.cache.evict(policy, new KvBudget.All(), RUNNER);
            assertThat(report.evicted()).isZero();
            driver.cache.truncate(200);
            assertThat(driver.replay(40)).isDeepEqualTo(before);
        }
    }

    @Test
    void truncationAfterEvictionForgetsByPosition() {
        try (CacheDriver driver = driver()) {
            driver.run(200);
            driver.cache.evict(KvPreset.SNAPKV.policy(), new KvBudget.Tokens(60), RUNNER);
            driver.run(20);
            driver.cache.truncate(180);
            assertThat(driver.cache.positions()).isEqualTo(180);
            for (int position : driver.cache.cellPositions(1, 1)) {
                assertThat(position).isLessThan(180);
            }
            assertSeesWhatStays(driver, KvType.F32, 1);
        }
    }

    @Test
    void anEvictingCacheOutlivesItsPositions() {
        try (CacheDriver driver = driver()) {
            driver.run(500);
            driver.cache.evict(KvPreset.LOO.policy(), new KvBudget.Tokens(100), RUNNER);
            assertThat(driver.cache.begin(400)).isEqualTo(500);
            driver.cache.truncate(500);
        }
    }

    @Test
    void headsMayDifferInLength() {
        try (CacheDriver driver = driver()) {
            driver.run(500);
            KvPolicy policy = KvPreset.ADAKV.policy().withScorer(new LeaveOneOut(0, Pooling.NONE));
            EvictionReport report = driver.cache.evict(policy, new KvBudget.Tokens(100), RUNNER);
            assertThat(report.cellsAfter()).isEqualTo(400);
            assertThat(driver.cache.cellCount(0, 0)).isNotEqualTo(driver.cache.cellCount(0, 1));
        }
    }

    @Test
    void plansAreChecked() {
        try (CacheDriver driver = driver()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> driver.cache.plan(KvPreset.TOVA.policy(), new KvBudget.All(), RUNNER));
            driver.run(100);
            EvictionPlan plan = driver.cache.plan(KvPreset.TOVA.policy(), new KvBudget.Tokens(50), RUNNER);
            assertThat(plan.cells()).isEqualTo(200);
            driver.run(1);
            assertThatIllegalStateException().isThrownBy(() -> driver.cache.apply(plan, RUNNER));
        }
        KvLayout layout = layout(KvType.F16);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvCache.create(
                        layout, Optional.empty(), KvPreset.LOO.policy().needs(), Optional.empty()));
        try (KvCache plain = KvCache.create(layout, Optional.empty())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> plain.plan(KvPreset.SNAPKV.policy(), new KvBudget.All(), RUNNER));
        }
    }
}
