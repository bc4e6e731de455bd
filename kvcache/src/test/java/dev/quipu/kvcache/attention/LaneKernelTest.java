package dev.quipu.kvcache.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every width against the scalar definition, over lengths and offsets. */
class LaneKernelTest {
    private static final int LANES = 32;
    private static final LaneKernel SCALAR = new ScalarLanes();
    private final Random random = new Random(9);

    static List<SimdWidth> widths() {
        return Arrays.stream(SimdWidth.values()).filter(SimdWidth::supported).toList();
    }

    private float[] floats(int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return floats;
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).containsExactly(expected, Offset.offset(2e-5f));
    }

    @ParameterizedTest
    @MethodSource("widths")
    void sumsAndPeaksOfNativeBlocksAgreeWithTheDefinition(SimdWidth width) {
        RowCodec codec = new F32Rows();
        LaneKernel vector =
                AttentionKernels.choose(codec, codec, Optional.of(width)).lanes();
        try (Arena arena = Arena.ofConfined()) {
            for (int blocks : new int[] {1, 3, 8}) {
                MemorySegment rows = arena.allocate(4L * blocks * RowCodec.PAGE_CELLS * LANES, 64);
                MemorySegment.copy(
                        floats(blocks * RowCodec.PAGE_CELLS * LANES),
                        0,
                        rows,
                        RowCodec.FLOAT,
                        0,
                        blocks * RowCodec.PAGE_CELLS * LANES);
                for (int cells : new int[] {1, 31, 64}) {
                    float[] weights = floats(3 * LANES + blocks * LANES);
                    float[] column = floats(5 + cells);
                    float[] expected = column.clone();
                    vector.sum(rows.address(), blocks, cells, weights, 3 * LANES, column, 5);
                    SCALAR.sum(rows.address(), blocks, cells, weights, 3 * LANES, expected, 5);
                    assertThat(column).containsExactly(expected, Offset.offset(1e-4f));

                    float[] peaks = floats(5 + cells);
                    float[] peaksExpected = peaks.clone();
                    float[] factors = floats(blocks * LANES);
                    vector.sumAndPeak(rows.address(), blocks, cells, weights, 3 * LANES, factors, column, peaks, 5);
                    SCALAR.sumAndPeak(
                            rows.address(), blocks, cells, weights, 3 * LANES, factors, expected, peaksExpected, 5);
                    assertThat(column).containsExactly(expected, Offset.offset(2e-4f));
                    assertThat(peaks).isEqualTo(peaksExpected);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("widths")
    void agreesWithTheDefinition(SimdWidth width) {
        RowCodec codec = new F32Rows();
        LaneKernel vector =
                AttentionKernels.choose(codec, codec, Optional.of(width)).lanes();
        for (int cells : new int[] {1, 2, 31, 64}) {
            for (int offset : new int[] {0, LANES, 3 * LANES}) {
                float[] rows = floats(offset + cells * LANES + 7);
                float[] others = floats(offset + cells * LANES);
                float[] weights = floats(LANES);

                float[] max = floats(LANES);
                float[] maxExpected = max.clone();
                vector.raise(rows, offset, cells, max);
                SCALAR.raise(rows, offset, cells, maxExpected);
                assertThat(max).isEqualTo(maxExpected);

                float[] sums = floats(LANES);
                float[] sumsExpected = sums.clone();
                vector.add(rows, offset, cells, sums);
                SCALAR.add(rows, offset, cells, sumsExpected);
                assertClose(sums, sumsExpected);
                vector.sumPairs(rows, offset, others, offset, cells, sums);
                SCALAR.sumPairs(rows, offset, others, offset, cells, sumsExpected);
                assertClose(sums, sumsExpected);
                vector.sumAbsolutes(rows, cells, sums);
                SCALAR.sumAbsolutes(rows, cells, sumsExpected);
                assertClose(sums, sumsExpected);

                float[] column = floats(5 + cells);
                float[] columnExpected = column.clone();
                vector.sum(rows, offset, cells, weights, column, 5);
                SCALAR.sum(rows, offset, cells, weights, columnExpected, 5);
                assertClose(column, columnExpected);
                vector.sumProducts(rows, offset, cells, others, weights, column, 5);
                SCALAR.sumProducts(rows, offset, cells, others, weights, columnExpected, 5);
                assertClose(column, columnExpected);

                float[] cross = floats(cells * LANES);
                float[] crossExpected = cross.clone();
                vector.distances(cross, cells, columnExpected, 5, weights);
                SCALAR.distances(crossExpected, cells, columnExpected, 5, weights);
                assertThat(cross).containsExactly(crossExpected, Offset.offset(2e-3f));
            }
        }
    }
}
