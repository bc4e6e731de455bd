package dev.quipu.runtime.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.kernel.QuantUnpacker;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products in 16 bits against sums in double over the same quantised activations, for every type that has them. */
final class QuantProductTest {
    /** Of the sum of the magnitudes of all terms. */
    private static final double TOLERANCE = 1e-6;

    private static final int BLOCK = QuantizedPanels.BLOCK;

    static Stream<Arguments> typesAndWidths() {
        return Stream.of(SimdWidth.values()).filter(SimdWidth::supported).flatMap(width -> Stream.of(GgmlType.values())
                .filter(type -> type.isWeight() && quants(type, width).isPresent())
                .map(type -> Arguments.of(type, width)));
    }

    @ParameterizedTest
    @MethodSource("typesAndWidths")
    void multipliesAwkwardSizes(GgmlType type, SimdWidth width) {
        int block = Math.max(32, type.blockElements());
        check(type, width, 1, block, 2, false);
        check(type, width, 8, 3 * block, 33, false);
        check(type, width, 61, 5 * block, 70, false);
        check(type, width, 130, 2 * block, 5, false);
    }

    /** Every product of a lane has one sign and the largest magnitude. */
    @ParameterizedTest
    @MethodSource("typesAndWidths")
    void sumsOfExtremesFit(GgmlType type, SimdWidth width) {
        QuantUnpacker unpacker = quants(type, width).orElseThrow();
        assertThat(unpacker.limit() * unpacker.activationSum()).isLessThan(1 << 15);
        // Five bits and a sign at least, for activations that are all as large as the largest.
        assertThat(unpacker.activationSum() / unpacker.group()).isGreaterThan(31);
        check(type, width, 12, 512, 32, true);
    }

    @ParameterizedTest
    @MethodSource("typesAndWidths")
    void quantsStayWithinTheirLimit(GgmlType type, SimdWidth width) {
        QuantUnpacker unpacker = quants(type, width).orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix w = RandomWeights.matrix(arena, type, 40, 512, 3);
            int[] pairs = new int[256];
            float[] scales = new float[32];
            for (int r = 0; r < w.rows(); r++) {
                unpacker.unpack(w.data(), r * w.rowBytes(), pairs, 0, scales, 0, new float[32], 0, 512);
                for (int pair : pairs) {
                    int even = (short) pair;
                    int odd = pair - even >> 16;
                    assertThat(Math.max(Math.abs(even), Math.abs(odd))).isLessThanOrEqualTo(unpacker.limit());
                }
            }
        }
    }

    /** Products of 128 bits take what those of 256 bits do. */
    private static Optional<QuantUnpacker> quants(GgmlType type, SimdWidth width) {
        SimdWidth unpacking = width == SimdWidth.W128 ? SimdWidth.W256 : width;
        return unpacking.supported()
                ? Kernels.choose(KernelChoice.valueOf(unpacking.name()), Precision.FAST)
                        .quants(type)
                : Optional.empty();
    }

    private static void check(GgmlType type, SimdWidth width, int rows, int columns, int tokens, boolean extreme) {
        try (Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(2, "test");
                MatMul matMul = new MatMul(
                        Optional.of(width),
                        width == SimdWidth.W512,
                        unused -> type::dequantize,
                        quantised -> quants(quantised, width),
                        team)) {
            WeightMatrix w = RandomWeights.matrix(arena, type, rows, columns, rows + columns);
            if (extreme) {
                saturate(w);
            }
            MemorySegment x = panels(arena, columns, tokens, extreme);
            MemorySegment y = panels(arena, rows, tokens, false);
            matMul.multiply(w, x, y, tokens, false, null);
            QuantUnpacker unpacker = quants(type, width).orElseThrow();
            float[] weights = new float[columns];
            for (int r = 0; r < rows; r++) {
                type.dequantize(w.data(), r * w.rowBytes(), weights, 0, columns);
                Groups groups = groups(unpacker, w, r);
                for (int t = 0; t < tokens; t++) {
                    double[] sum = product(weights, groups, x, t, unpacker);
                    assertThat(Math.abs(y.getAtIndex(JAVA_FLOAT, at(rows, r, t)) - sum[0]))
                            .as("%s %d x %d, row %d, token %d", type, rows, columns, r, t)
                            .isLessThanOrEqualTo(TOLERANCE * sum[1]);
                }
            }
        }
    }

    /** Scales and minima of a row's groups. */
    private record Groups(float[] scales, float[] minima, int limit) {
        /** How large a weight of the group may be if its minimum and its centred quant do not cancel. */
        double largest(int group) {
            return Math.abs(scales[group]) * limit + Math.abs(minima[group]);
        }
    }

    private static Groups groups(QuantUnpacker unpacker, WeightMatrix w, int row) {
        float[] scales = new float[w.columns() / unpacker.group()];
        float[] minima = new float[scales.length];
        unpacker.unpack(w.data(), row * w.rowBytes(), new int[w.columns() / 2], 0, scales, 0, minima, 0, w.columns());
        return new Groups(scales, minima, unpacker.limit());
    }

    /** The definition: the product, what is below the upper halves included, and the sum of its terms' magnitudes, as large as they may be. */
    private static double[] product(
            float[] weights, Groups groups, MemorySegment x, int token, QuantUnpacker unpacker) {
        double sum = 0;
        double magnitude = 0;
        for (int first = 0; first < weights.length; first += BLOCK) {
            float scale = scale(x, weights.length, first, token, unpacker);
            float inverse = scale < Float.MIN_NORMAL ? 0 : 1 / scale;
            double[] q = new double[BLOCK];
            for (int k = 0; k < BLOCK; k++) {
                q[k] = Math.rint(x.getAtIndex(JAVA_FLOAT, at(weights.length, first + k, token)) * inverse) * scale;
            }
            for (int k = 0; k < BLOCK; k++) {
                int group = (first + k) / unpacker.group();
                double below = k % 2 == 0 ? 0x1p-16 * q[k + 1] : 0;
                sum += weights[first + k] * q[k] + (weights[first + k] - groups.minima[group]) * below;
                magnitude += groups.largest(group) * Math.abs(q[k]);
            }
        }
        return new double[] {sum, magnitude};
    }

    /** From the largest sum of a group's magnitudes. */
    private static float scale(MemorySegment x, int channels, int first, int token, QuantUnpacker unpacker) {
        float largest = 0;
        int group = unpacker.group();
        for (int from = first; from < first + BLOCK; from += group) {
            float[] halves = new float[2];
            for (int half = from; half < from + group; half += 16) {
                float[] sums = new float[2];
                for (int k = 0; k < 16; k++) {
                    sums[k % 2] += Math.abs(x.getAtIndex(JAVA_FLOAT, at(channels, half + k, token)));
                }
                halves[(half - from) / 16] = sums[0] + sums[1];
            }
            largest = Math.max(largest, halves[1] + halves[0]);
        }
        return largest * (1f / (unpacker.activationSum() - group / 2 - 1));
    }

    /** All quants the same: all bits set or none, in turns of rows; scales stay. */
    private static void saturate(WeightMatrix w) {
        GgmlType type = w.type();
        for (int r = 0; r < w.rows(); r++) {
            for (long block = r * w.rowBytes(); block < (r + 1) * w.rowBytes(); block += type.blockBytes()) {
                MemorySegment data = w.data().asSlice(block, type.blockBytes());
                data.fill((byte) (r % 2 == 0 ? 0 : 0xff));
                RandomWeights.scales(data, 0, type, new SplittableRandom(r));
                if (type == GgmlType.Q6_K) {
                    data.asSlice(192, 16).fill((byte) (r % 3 == 0 ? -128 : 127));
                }
            }
        }
    }

    /** Of one sign in a token, all alike in every other pair of tokens. */
    private static float extreme(int token, SplittableRandom random) {
        float magnitude = token % 4 < 2 ? 3 : 3 * (float) random.nextDouble();
        return token % 2 == 0 ? magnitude : -magnitude;
    }

    /** Index of a channel of token t. */
    private static long at(int channels, int channel, int t) {
        return ((long) (t / Tile.PANEL) * channels + channel) * Tile.PANEL + t % Tile.PANEL;
    }

    private static MemorySegment panels(Arena arena, int channels, int tokens, boolean extreme) {
        SplittableRandom random = new SplittableRandom(channels);
        MemorySegment x = arena.allocate(Tile.panels(tokens) * channels * Tile.PANEL_BYTES, 64);
        for (int t = 0; t < tokens; t++) {
            for (int k = 0; k < channels; k++) {
                float value = extreme ? extreme(t, random) : (float) random.nextGaussian();
                x.setAtIndex(JAVA_FLOAT, at(channels, k, t), t == 1 && k < 32 ? 0 : value);
            }
        }
        return x;
    }
}
