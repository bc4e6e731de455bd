package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.OutputProjection;
import dev.quipu.kvcache.RotaryPairs;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.simd.SimdWidth;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a session may evict by can be warmed up. */
final class EvictionWarmUpTest {
    private static final KvLayout LAYOUT =
            EvictionWarmUp.twoLayers(new KvLayout(4, 6, 2, 32, 32, 0.2f, KvType.F16, KvType.F16, 4096));
    private static final OutputProjection PROJECTION = new OutputProjection() {
        @Override
        public int width() {
            return 40;
        }

        @Override
        public void slice(int layer, int head, float[] target) {
            Arrays.fill(target, 0, 40 * 32, 0.1f);
        }
    };

    private static int evicted(KvPolicy policy, int rounds) {
        return EvictionWarmUp.evict(
                LAYOUT,
                Optional.of(SimdWidth.preferred()),
                policy,
                PROJECTION,
                RotaryPairs.NONE,
                round -> round == rounds);
    }

    @ParameterizedTest
    @EnumSource(KvPreset.class)
    void everyPresetEvicts(KvPreset preset) {
        assertThat(evicted(preset.policy(), 2)).isEqualTo(2 * EvictionWarmUp.PASSES * EvictionWarmUp.TOKENS);
    }

    @Test
    void itEndsWhenTheModelIsClosed() {
        assertThat(evicted(KvPolicy.parse("insight"), 0)).isZero();
    }
}
