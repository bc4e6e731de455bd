package dev.quipu.runtime.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with float activations against sums in double, over widths, types and awkward sizes. */
final class MatMulTest {
    /** Of the sum of the magnitudes of all terms. */
    private static final double TOLERANCE = 1e-6;

    /** The same where pairs are multiplied, and what their activations alone come to is more than the terms. */
    private static final double PAIRED_TOLERANCE = 2e-5;

    static Stream<Optional<SimdWidth>> widths() {
        return Stream.concat(
                Stream.of(Optional.empty()),
                Stream.of(SimdWidth.values()).filter(SimdWidth::supported).map(Optional::of));
    }

    @ParameterizedTest
    @MethodSource("widths")
    void multipliesAwkwardSizes(Optional<SimdWidth> width) {
        int[][] sizes = {{1, 32, 1}, {5, 96, 33}, {48, 256, 32}, {49, 288, 64}, {61, 576, 70}, {100, 1536, 5}};
        try (WorkerTeam team = new WorkerTeam(2, "test")) {
            MatMul matMul = floats(width, team);
            for (int[] size : sizes) {
                check(matMul, GgmlType.Q8_0, size[0], size[1], size[2]);
            }
            check(matMul, GgmlType.F32, 7, 101, 3);
        }
    }

    @Test
    void multipliesPairs() {
        int[][] sizes = {{1, 32, 1}, {5, 96, 33}, {48, 256, 32}, {49, 288, 64}, {61, 576, 70}, {100, 1536, 5}};
        try (WorkerTeam team = new WorkerTeam(2, "test")) {
            MatMul matMul = floats(Optional.of(SimdWidth.preferred()), true, team);
            for (int[] size : sizes) {
                check(matMul, GgmlType.F16, size[0], size[1], size[2], PAIRED_TOLERANCE);
            }
            for (int columns = 1; columns < 300; columns += 13) {
                check(matMul, GgmlType.F32, 7, columns, 3, PAIRED_TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void multipliesEveryType(GgmlType type) {
        if (!type.isWeight()) {
            return;
        }
        try (WorkerTeam team = new WorkerTeam(1, "test")) {
            check(floats(Optional.of(SimdWidth.preferred()), team), type, 13, 512, 34);
        }
    }

    @ParameterizedTest
    @MethodSource("widths")
    void addsToResidualAndBias(Optional<SimdWidth> width) {
        int rows = 50;
        int tokens = 40;
        float[] bias = new float[rows];
        for (int i = 0; i < rows; i++) {
            bias[i] = i - 20.5f;
        }
        try (Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(1, "test")) {
            WeightMatrix w = RandomWeights.matrix(arena, GgmlType.F32, rows, 64, 1);
            MemorySegment x = panels(arena, 64, tokens, 2);
            MemorySegment plain = panels(arena, rows, tokens, 3);
            MemorySegment y = panels(arena, rows, tokens, 3);
            MemorySegment before = panels(arena, rows, tokens, 3);
            MatMul matMul = floats(width, team);
            matMul.multiply(w, x, plain, tokens, false, null);
            matMul.multiply(w, x, y, tokens, true, bias);
            for (int r = 0; r < rows; r++) {
                for (int t = 0; t < tokens; t++) {
                    long at = at(rows, r, t);
                    float expected = before.getAtIndex(JAVA_FLOAT, at) + (plain.getAtIndex(JAVA_FLOAT, at) + bias[r]);
                    assertThat(y.getAtIndex(JAVA_FLOAT, at)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void resultsDependOnNeitherThreadsNorBatchNorQueue() {
        int rows = 150;
        int tokens = 600;
        try (Arena arena = Arena.ofShared()) {
            WeightMatrix w = RandomWeights.matrix(arena, GgmlType.Q4_K, rows, 768, 5);
            MemorySegment x = panels(arena, 768, tokens, 6);
            List<float[]> results = new ArrayList<>();
            for (int threads : new int[] {1, 2, 5}) {
                MemorySegment y = panels(arena, rows, tokens, 7);
                MemorySegment z = panels(arena, rows, tokens, 7);
                try (WorkerTeam team = new WorkerTeam(threads, "test")) {
                    MatMul matMul = floats(Optional.of(SimdWidth.preferred()), team);
                    matMul.queue(w, x, y, tokens, false, null);
                    matMul.queue(w, x, z, 31, false, null);
                    matMul.run();
                }
                results.add(y.toArray(JAVA_FLOAT));
                long panel = (long) rows * Tile.PANEL_BYTES;
                assertThat(z.asSlice(0, panel).mismatch(y.asSlice(0, panel))).isEqualTo(-1);
            }
            assertThat(results.get(1)).isEqualTo(results.get(0));
            assertThat(results.get(2)).isEqualTo(results.get(0));
        }
    }

    private static MatMul floats(Optional<SimdWidth> width, WorkerTeam team) {
        return floats(width, false, team);
    }

    private static MatMul floats(Optional<SimdWidth> width, boolean fast, WorkerTeam team) {
        return new MatMul(width, fast, type -> type::dequantize, type -> Optional.empty(), team);
    }

    private static void check(MatMul matMul, GgmlType type, int rows, int columns, int tokens) {
        check(matMul, type, rows, columns, tokens, TOLERANCE);
    }

    private static void check(MatMul matMul, GgmlType type, int rows, int columns, int tokens, double tolerance) {
        try (Arena arena = Arena.ofShared()) {
            WeightMatrix w = RandomWeights.matrix(arena, type, rows, columns, rows + columns);
            MemorySegment x = panels(arena, columns, tokens, tokens);
            MemorySegment y = panels(arena, rows, tokens, 4);
            matMul.multiply(w, x, y, tokens, false, null);
            float[] weights = new float[columns];
            for (int r = 0; r < rows; r++) {
                type.dequantize(w.data(), r * w.rowBytes(), weights, 0, columns);
                for (int t = 0; t < tokens; t++) {
                    double sum = 0;
                    double magnitude = 0;
                    for (int k = 0; k < columns; k++) {
                        double term = (double) weights[k] * x.getAtIndex(JAVA_FLOAT, at(columns, k, t));
                        sum += term;
                        magnitude += Math.abs(term);
                    }
                    assertThat(Math.abs(y.getAtIndex(JAVA_FLOAT, at(rows, r, t)) - sum))
                            .as("%s %d x %d, row %d, token %d", type, rows, columns, r, t)
                            .isLessThanOrEqualTo(tolerance * magnitude);
                }
            }
        }
    }

    /** Index of a channel of token t. */
    private static long at(int channels, int channel, int t) {
        return ((long) (t / Tile.PANEL) * channels + channel) * Tile.PANEL + t % Tile.PANEL;
    }

    private static MemorySegment panels(Arena arena, int channels, int tokens, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        MemorySegment x = arena.allocate(Tile.panels(tokens) * channels * Tile.PANEL_BYTES, 64);
        for (long i = 0; i < x.byteSize() / Float.BYTES; i++) {
            x.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return x;
    }
}
