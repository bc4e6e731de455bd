package dev.quipu.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertAll;

import dev.quipu.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel against its scalar definition in double precision. */
class DecodeKernelTest {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Columns in blocks of the type: one, two, odd ones, and lengths on either side of a vector or a record. */
    private static final List<Integer> BLOCKS = List.of(1, 2, 3, 7, 18, 64);

    static List<GgmlType> types() {
        return Arrays.stream(GgmlType.values()).filter(GgmlType::isWeight).toList();
    }

    private static Stream<KernelChoice> choices() {
        return Stream.of(KernelChoice.SCALAR, KernelChoice.W128, KernelChoice.W256, KernelChoice.W512)
                .filter(DecodeKernelTest::supported);
    }

    static boolean supported(KernelChoice choice) {
        try {
            Kernels.choose(choice, Precision.FLOAT);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static Stream<Arguments> kernels() {
        return choices().flatMap(choice -> Arrays.stream(Precision.values()).flatMap(precision -> {
            Kernels kernels = Kernels.choose(choice, precision);
            return types().stream().map(type -> Arguments.of(choice, precision, type, kernels.of(type)));
        }));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("kernels")
    void multipliesAsDefined(KernelChoice choice, Precision precision, GgmlType type, TypeKernel kernel) {
        int seed = 1;
        for (int blocks : BLOCKS) {
            int columns = blocks * Math.max(type.blockElements(), 32);
            for (int rows : new int[] {1, 2, 33}) {
                check(kernel, RandomBlocks.ORDINARY, type, rows, columns, precision, seed++);
            }
        }
        for (RandomBlocks blocks : RandomBlocks.values()) {
            check(kernel, blocks, type, 5, 7 * Math.max(type.blockElements(), 32), precision, seed++);
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("kernels")
    void multipliesColumnsThatAreNoMultipleOfAVector(
            KernelChoice choice, Precision precision, GgmlType type, TypeKernel kernel) {
        if (!type.isQuantized()) {
            for (int columns : new int[] {1, 3, 17, 31, 33, 100}) {
                check(kernel, RandomBlocks.ORDINARY, type, 40, columns, precision, columns);
            }
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("kernels")
    void unpacksExactly(KernelChoice choice, Precision precision, GgmlType type, TypeKernel kernel) {
        try (Arena arena = Arena.ofConfined()) {
            for (RandomBlocks blocks : RandomBlocks.values()) {
                int elements = type.isQuantized() ? 3 * type.blockElements() : 99;
                WeightMatrix w = blocks.matrix(arena, type, 2, elements, 7);
                float[] expected = new float[elements];
                type.dequantize(w.data(), w.rowBytes(), expected, 0, elements);
                float[] found = new float[elements + 3];
                kernel.unpack(w.data(), w.rowBytes(), found, 3, elements);
                for (int i = 0; i < elements; i++) {
                    assertThat(found[3 + i])
                            .as("%s element %d", w, i)
                            .isEqualTo(expected[i] == 0 ? found[3 + i] * 0 : expected[i]);
                }
            }
        }
    }

    @Test
    void sameBitsInAnyNumberOfChunks() {
        assertAll(kernels().map(arguments -> (Executable) () -> {
            GgmlType type = (GgmlType) arguments.get()[2];
            TypeKernel kernel = (TypeKernel) arguments.get()[3];
            try (Arena arena = Arena.ofConfined()) {
                WeightMatrix w = RandomBlocks.ORDINARY.matrix(arena, type, 37, 768, 3);
                MemorySegment x = activations(arena, 768, 3);
                assertThat(product(arena, kernel, w, x, 1)).containsExactly(product(arena, kernel, w, x, 11));
            }
        }));
    }

    private static void check(
            TypeKernel kernel,
            RandomBlocks blocks,
            GgmlType type,
            int rows,
            int columns,
            Precision precision,
            long seed) {
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix w = blocks.matrix(arena, type, rows, columns, seed);
            MemorySegment x = activations(arena, columns, seed);
            float[] found = product(arena, kernel, w, x, 3);
            // Kernels that quantise activations are held to what they made of them.
            double[] xs = kernel.format() instanceof QuantizedActivations quantized
                    ? integers(quantized, x, columns)
                    : kernel.format() == FloatActivations.ROUNDED ? rounded(x, columns) : floats(x, columns);
            double lost = kernel.format() instanceof QuantizedActivations quantized ? quantized.lost() : 0;
            if (blocks == RandomBlocks.ALL_ONES && type == GgmlType.Q8_0) {
                // Weights of -1 where a block's largest is 127 otherwise: what is cut off is more of their products.
                lost *= 16;
            }
            float[] weights = new float[columns];
            for (int r = 0; r < rows; r++) {
                type.dequantize(w.data(), r * w.rowBytes(), weights, 0, columns);
                double sum = 0;
                double terms = 0;
                for (int i = 0; i < columns; i++) {
                    double term = weights[i] * xs[i];
                    sum += term;
                    terms += Math.abs(term);
                }
                assertThat(Math.abs(found[r] - sum))
                        .as("%s row %d: %s, expected %s, terms %s", w, r, found[r], sum, terms)
                        .isLessThanOrEqualTo((1e-6 + lost) * terms + 1e-42);
            }
        }
    }

    private static float[] product(Arena arena, TypeKernel kernel, WeightMatrix w, MemorySegment x, int chunks) {
        MemorySegment input = x;
        long bytes = kernel.format().bytes(w.columns());
        if (bytes > 0) {
            input = arena.allocate(bytes, 64).fill((byte) 0x7f);
            kernel.format().prepare(x, input, w.columns());
        }
        MemorySegment y = arena.allocate(4L * w.rows(), 64).fill((byte) -1);
        for (int chunk = 0; chunk < chunks; chunk++) {
            kernel.multiply(w, input, y, chunk, chunks);
        }
        return y.toArray(FLOAT);
    }

    static MemorySegment activations(Arena arena, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        MemorySegment x = arena.allocate(4L * columns, 64);
        for (int i = 0; i < columns; i++) {
            x.set(FLOAT, 4L * i, (float) random.nextGaussian());
        }
        return x;
    }

    private static double[] floats(MemorySegment x, int columns) {
        double[] values = new double[columns];
        for (int i = 0; i < columns; i++) {
            values[i] = x.get(FLOAT, 4L * i);
        }
        return values;
    }

    /** Sixteen bits of each float. */
    private static double[] rounded(MemorySegment x, int columns) {
        double[] values = floats(x, columns);
        for (int i = 0; i < columns; i++) {
            double step = Math.ulp((float) values[i]) * 0x1p16;
            values[i] = Math.rint(values[i] / step) * step;
        }
        return values;
    }

    private static double[] integers(QuantizedActivations format, MemorySegment x, int columns) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment integers = arena.allocate(2L * columns, 64);
            MemorySegment scales = arena.allocate(4L * columns / format.group(), 64);
            IntegerActivations.quantize(x.address(), columns, format, integers.address(), scales.address());
            double[] values = new double[columns];
            // From the last one, so that each finds what is added to one further on.
            for (int i = columns - 1; i >= 0; i--) {
                short integer = integers.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i);
                assertThat(Math.abs(integer)).isLessThanOrEqualTo(format.limit());
                values[i] = integer * (double) scales.get(FLOAT, 4L * (i / format.group()));
                assertThat(values[i])
                        .isCloseTo(x.get(FLOAT, 4L * i), within(0.51 * scales.get(FLOAT, 4L * (i / format.group()))));
                int spilling = format.spilling(i);
                values[i] += spilling < 0 ? 0 : format.spill() * values[spilling];
            }
            return values;
        }
    }
}
