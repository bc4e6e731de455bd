package dev.quipu.runtime.step;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Vector steps against the scalar definition, over widths and awkward sizes. */
final class VectorStepsTest {
    private static final int PANELS = 2;
    private final Steps scalar = new ScalarSteps();

    static Stream<Arguments> sizes() {
        return Stream.of(SimdWidth.values())
                .filter(SimdWidth::supported)
                .flatMap(width -> Stream.of(1, 2, 15, 16, 33, 96, 576).map(channels -> Arguments.of(width, channels)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void normalises(SimdWidth width, int channels) {
        Steps steps = StepKernels.of(Optional.of(width));
        float[] weight = random(channels, 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = copy(arena, random(channels * PANELS * Steps.PANEL, 2));
            MemorySegment expected = arena.allocate(x.byteSize(), 64);
            MemorySegment actual = arena.allocate(x.byteSize(), 64);
            scalar.rmsNorm(x, weight, 1e-5f, expected);
            steps.rmsNorm(x, weight, 1e-5f, actual);
            close(actual, expected, 1e-6f);
            for (int panel = 0; panel < PANELS; panel++) {
                scalar.rmsNormPanel(x, panel, 0, 32, weight, 1e-5f, expected);
                steps.rmsNormPanel(x, panel, 16, 32, weight, 1e-5f, actual);
                steps.rmsNormPanel(x, panel, 0, 16, weight, 1e-5f, actual);
            }
            close(actual, expected, 1e-6f);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void turnsPairs(SimdWidth width, int rotated) {
        if (rotated % 2 == 1) {
            rotated++;
        }
        Steps steps = StepKernels.of(Optional.of(width));
        int heads = 3;
        int headLength = rotated + 4;
        for (boolean halves : new boolean[] {false, true}) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment expected = copy(arena, random(PANELS * heads * headLength * Steps.PANEL, 3));
                MemorySegment actual = arena.allocate(expected.byteSize(), 64).copyFrom(expected);
                MemorySegment cos = copy(arena, random(PANELS * rotated / 2 * Steps.PANEL, 4));
                MemorySegment sin = copy(arena, random(PANELS * rotated / 2 * Steps.PANEL, 5));
                scalar.rope(expected, heads, headLength, cos, sin, rotated, halves);
                steps.rope(actual, heads, headLength, cos, sin, rotated, halves);
                for (int panel = 0; panel < PANELS; panel++) {
                    scalar.ropePanel(expected, panel, heads, 0, heads, headLength, cos, sin, rotated, halves);
                    steps.ropePanel(actual, panel, heads, 1, heads, headLength, cos, sin, rotated, halves);
                    steps.ropePanel(actual, panel, heads, 0, 1, headLength, cos, sin, rotated, halves);
                }
                close(actual, expected, 1e-6f);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void gatesAndAdds(SimdWidth width, int elements) {
        Steps steps = StepKernels.of(Optional.of(width));
        try (Arena arena = Arena.ofConfined()) {
            float[] gates = random(elements + 3, 6);
            for (int i = 0; i < gates.length; i++) {
                gates[i] *= 20; // far into both tails of the sigmoid
            }
            gates[0] = 500;
            gates[gates.length - 1] = -500;
            MemorySegment expected = copy(arena, gates);
            MemorySegment actual = copy(arena, gates);
            MemorySegment up = copy(arena, random(elements + 3, 7));
            scalar.swiGlu(expected, up, 1, elements + 2);
            steps.swiGlu(actual, up, 1, elements + 2);
            close(actual, expected, 3e-7f);
            scalar.swiGlu(expected, up, 0, 1);
            steps.swiGlu(actual, up, 0, 1);
            scalar.add(expected, up, 2, elements + 3);
            steps.add(actual, up, 2, elements + 3);
            close(actual, expected, 3e-7f);
        }
    }

    private static float[] random(int n, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static MemorySegment copy(Arena arena, float[] values) {
        return arena.allocate((long) values.length * Float.BYTES, 64).copyFrom(MemorySegment.ofArray(values));
    }

    private static void close(MemorySegment actual, MemorySegment expected, float tolerance) {
        for (long i = 0; i < expected.byteSize() / Float.BYTES; i++) {
            float e = expected.getAtIndex(JAVA_FLOAT, i);
            assertThat(actual.getAtIndex(JAVA_FLOAT, i))
                    .as("element %d", i)
                    .isCloseTo(e, org.assertj.core.data.Offset.offset(tolerance * (1 + Math.abs(e))));
        }
    }
}
