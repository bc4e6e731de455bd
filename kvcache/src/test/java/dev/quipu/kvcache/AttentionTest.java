package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.simd.SimdWidth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention of every kernel, type and shape against float64. */
class AttentionTest {
    /** Batches one after the other: every awkward panel, on caches of 0 to 200 cells and over a split of the cells. */
    private static final int[] BATCHES = {1, 1, 2, 31, 1, 32, 33, 1, 70, 29, 1, 1, 64, 1};

    private static final int[][] SHAPES = {
        // heads, kvHeads, keyDim, valueDim
        {3, 3, 64, 64},
        {9, 3, 64, 64},
        {2, 1, 48, 48},
        {8, 2, 80, 80},
        {8, 1, 96, 128},
        {5, 1, 128, 96},
        {1, 1, 256, 256},
        {4, 2, 18, 10},
    };

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Optional<SimdWidth> width : KernelChoices.all().toList()) {
            for (KvType type : KvType.values()) {
                for (int[] shape : SHAPES) {
                    cases.add(Arguments.of(width, type, shape));
                }
            }
        }
        return cases.stream();
    }

    static KvLayout layout(int[] shape, int layers, KvType type, int maxPositions) {
        float scale = (float) (1 / Math.sqrt(shape[2]));
        return new KvLayout(layers, shape[0], shape[1], shape[2], shape[3], scale, type, type, maxPositions);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("cases")
    void agreesWithFloat64(Optional<SimdWidth> width, KvType type, int[] shape) {
        KvLayout layout = layout(shape, 1, type, 300);
        try (CacheDriver driver = new CacheDriver(layout, KvCache.create(layout, width), 7)) {
            for (int tokens : BATCHES) {
                int first = driver.cache.positions();
                float[][] out = driver.run(tokens)[0];
                for (int t : new int[] {0, tokens / 2, tokens - 1}) {
                    double[] expected = ReferenceAttention.attend(
                            layout,
                            driver.keys[0],
                            driver.values[0],
                            driver.queries[0][first + t],
                            first + t,
                            Rounding.of(type, layout.keyDim()),
                            Rounding.of(type, layout.valueDim()));
                    ReferenceAttention.assertClose(out[t], expected, 4e-6, "token " + (first + t) + " of " + tokens);
                }
            }
            assertThat(driver.cache.positions()).isEqualTo(268);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quipu.kvcache.KernelChoices#all")
    void keysAndValuesHaveTypesOfTheirOwn(Optional<SimdWidth> width) {
        KvLayout layout = new KvLayout(1, 4, 2, 64, 64, 0.125f, KvType.Q8_0, KvType.Q4_0, 128);
        try (CacheDriver driver = new CacheDriver(layout, KvCache.create(layout, width), 11)) {
            driver.run(90);
            float[] out = driver.run(1)[0][0];
            double[] expected = ReferenceAttention.attend(
                    layout,
                    driver.keys[0],
                    driver.values[0],
                    driver.queries[0][90],
                    90,
                    Rounding.of(KvType.Q8_0, 64),
                    Rounding.of(KvType.Q4_0, 64));
            ReferenceAttention.assertClose(out, expected, 4e-6, "mixed types");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quipu.kvcache.KernelChoices#all")
    void aBatchGivesWhatItsTokensGiveOneByOne(Optional<SimdWidth> width) {
        KvLayout layout = layout(new int[] {6, 2, 64, 64}, 2, KvType.F16, 128);
        try (CacheDriver driver = new CacheDriver(layout, KvCache.create(layout, width), 3)) {
            driver.run(40);
            float[][][] together = driver.run(45);
            driver.cache.truncate(40);
            for (int t = 0; t < 45; t++) {
                float[][][] alone = driver.replay(1);
                for (int layer = 0; layer < 2; layer++) {
                    double[] expected = new double[together[layer][t].length];
                    for (int i = 0; i < expected.length; i++) {
                        expected[i] = together[layer][t][i];
                    }
                    ReferenceAttention.assertClose(alone[layer][0], expected, 1e-6, "layer " + layer + " token " + t);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quipu.kvcache.KernelChoices#all")
    void largeScoresDoNotOverflow(Optional<SimdWidth> width) {
        KvLayout layout = layout(new int[] {2, 1, 64, 64}, 1, KvType.F32, 128);
        try (CacheDriver driver = new CacheDriver(layout, KvCache.create(layout, width), 3)) {
            driver.run(70);
            for (float[] query : driver.queries[0]) {
                for (int i = 0; query != null && i < query.length; i++) {
                    query[i] *= 100;
                }
            }
            driver.cache.truncate(38);
            float[][] panel = driver.replay(32)[0];
            driver.cache.truncate(69);
            float[] alone = driver.replay(1)[0][0];
            double[] expected = ReferenceAttention.attend(
                    layout,
                    driver.keys[0],
                    driver.values[0],
                    driver.queries[0][69],
                    69,
                    UnaryOperator.identity(),
                    UnaryOperator.identity());
            // Scores near 1,000 carry float errors near 1e-4.
            ReferenceAttention.assertClose(panel[31], expected, 1e-3, "panel");
            ReferenceAttention.assertClose(alone, expected, 1e-3, "alone");
        }
    }
}
