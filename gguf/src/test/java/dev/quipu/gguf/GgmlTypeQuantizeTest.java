package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class GgmlTypeQuantizeTest {
    private static final int ELEMENTS = 256 * 40;

    /** Root mean square error relative to that of the elements, normally distributed; a little above what is measured. */
    private static double bound(GgmlType type) {
        return switch (type) {
            case F32, F64 -> 0;
            case F16 -> 0.0003;
            case BF16 -> 0.002;
            case Q8_0 -> 0.006;
            case Q6_K -> 0.018;
            case Q5_K, Q5_1 -> 0.04;
            case Q5_0 -> 0.05;
            case Q4_K, IQ4_NL, IQ4_XS -> 0.08;
            case Q4_1 -> 0.085;
            case Q4_0, MXFP4 -> 0.13;
            case Q3_K, IQ3_S -> 0.2;
            case Q2_K -> 0.32;
            case TQ1_0, TQ2_0 -> 1.1;
            case I8, I16, I32, I64 -> 0.4;
        };
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void comesNearWhatWasGiven(GgmlType type) {
        float[] elements = normal(ELEMENTS, 1);
        float[] back = roundTrip(type, elements);
        assertThat(relativeError(elements, back)).isLessThanOrEqualTo(bound(type));
        float[] again = roundTrip(type, back);
        assertThat(relativeError(back, again)).isLessThanOrEqualTo(bound(type) / 2);
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void keepsZeros(GgmlType type) {
        for (float value : roundTrip(type, new float[256])) {
            assertThat(Math.abs(value)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(GgmlType.class)
    void staysFiniteAtTheEndsOfTheRange(GgmlType type) {
        for (float magnitude : new float[] {Float.MIN_VALUE, 1e-30f, 6e-8f, 65_504}) {
            float[] elements = normal(256, 2);
            for (int i = 0; i < elements.length; i++) {
                elements[i] = Math.clamp(elements[i] * magnitude, -magnitude, magnitude);
            }
            for (float value : roundTrip(type, elements)) {
                assertThat(Math.abs(value)).isLessThanOrEqualTo(1.3f * 65_504);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"F32", "F16", "BF16", "F64", "I8", "I16", "I32", "I64"})
    void refusesWhatNoScaleHolds(GgmlType type) {
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 1e6f}) {
            float[] elements = new float[256];
            elements[77] = bad;
            assertThatThrownBy(() -> roundTrip(type, elements))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("element 77 is " + bad);
        }
    }

    @Test
    void writesNothingBesideItsBlocks() {
        for (GgmlType type : GgmlType.values()) {
            byte[] bytes = new byte[(int) type.rowBytes(256) + 14];
            java.util.Arrays.fill(bytes, (byte) 0x5a);
            type.quantize(normal(300, 3), 44, MemorySegment.ofArray(bytes), 7, 256);
            for (int i = 0; i < 7; i++) {
                assertThat(bytes[i]).isEqualTo((byte) 0x5a);
                assertThat(bytes[bytes.length - 1 - i]).isEqualTo((byte) 0x5a);
            }
        }
    }

    @Test
    void keepsSpecialFloats() {
        float[] special = {Float.NaN, Float.POSITIVE_INFINITY, -0.0f, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f};
        assertThat(roundTrip(GgmlType.BF16, special))
                .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, -0.0f, 1f, 1 + 0x1p-6f);
        assertThat(roundTrip(GgmlType.F16, special))
                .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, -0.0f, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f);
    }

    /** The same float tensors, quantised by llama.cpp. */
    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "F16", "BF16"})
    void givesTheBytesOfLlamaCpp(GgmlType type) throws IOException {
        try (GgufFile floats = GgufFile.open(GoldenFiles.require("golden/tiny/tiny-F32.gguf"));
                GgufFile theirs = GgufFile.open(GoldenFiles.require("golden/tiny/tiny-" + type + ".gguf"))) {
            int compared = 0;
            for (TensorInfo tensor : theirs.tensors()) {
                if (tensor.type() == type) {
                    float[] elements = elements(floats, tensor.name());
                    byte[] bytes = new byte[(int) tensor.bytes()];
                    type.quantize(elements, 0, MemorySegment.ofArray(bytes), 0, elements.length);
                    assertThat(bytes)
                            .as(tensor.name())
                            .containsExactly(theirs.data(tensor).toArray(ValueLayout.JAVA_BYTE));
                    compared++;
                }
            }
            assertThat(compared).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Q2_K, Q2_K",
        "Q3_K, Q3_K_S",
        "Q4_K, Q4_K_S",
        "Q5_K, Q5_K_S",
        "Q6_K, Q6_K",
        "IQ4_NL, IQ4_NL",
        "IQ4_XS, IQ4_XS",
        "IQ3_S, IQ3_S",
        "TQ1_0, TQ1_0",
        "TQ2_0, TQ2_0"
    })
    void comesAsNearAsLlamaCpp(GgmlType type, String model) throws IOException {
        try (GgufFile floats = GgufFile.open(GoldenFiles.require("golden/tiny/tiny-F32.gguf"));
                GgufFile theirs = GgufFile.open(GoldenFiles.require("golden/tiny/tiny-" + model + ".gguf"))) {
            int compared = 0;
            for (TensorInfo tensor : theirs.tensors()) {
                if (tensor.type() == type && tensor.elements() <= 256 * 256) {
                    float[] elements = elements(floats, tensor.name());
                    double ours = relativeError(elements, roundTrip(type, elements));
                    assertThat(ours)
                            .as(tensor.name())
                            .isLessThanOrEqualTo(1.1 * relativeError(elements, elements(theirs, tensor.name())));
                    compared++;
                }
            }
            assertThat(compared).isPositive();
        }
    }

    private static float[] elements(GgufFile file, String name) {
        TensorInfo tensor = file.tensor(name).orElseThrow();
        float[] elements = new float[(int) tensor.elements()];
        tensor.type().dequantize(file.data(tensor), 0, elements, 0, elements.length);
        return elements;
    }

    private static float[] normal(int n, long seed) {
        Random random = new Random(seed);
        float[] elements = new float[n];
        for (int i = 0; i < n; i++) {
            elements[i] = (float) random.nextGaussian();
        }
        return elements;
    }

    private static float[] roundTrip(GgmlType type, float[] elements) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment blocks = arena.allocate(type.rowBytes(elements.length));
            blocks.fill((byte) 0xff);
            type.quantize(elements, 0, blocks, 0, elements.length);
            float[] back = new float[elements.length];
            type.dequantize(blocks, 0, back, 0, back.length);
            return back;
        }
    }

    private static double relativeError(float[] expected, float[] actual) {
        double error = 0;
        double square = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow(actual[i] - expected[i], 2);
            square += Math.pow(expected[i], 2);
        }
        return Math.sqrt(error / square);
    }
}
