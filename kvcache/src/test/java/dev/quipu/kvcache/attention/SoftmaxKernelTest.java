package dev.quipu.kvcache.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Notes of single tokens, every width against the scalar definition, over lengths, offsets and group sizes. */
class SoftmaxKernelTest {
    private final Random random = new Random(5);

    private float[] floats(int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return floats;
    }

    @ParameterizedTest
    @MethodSource("dev.quipu.kvcache.attention.LaneKernelTest#widths")
    void sharesOfWeightsAreAddedToMemory(SimdWidth width) {
        RowCodec codec = new F32Rows();
        SoftmaxKernel vector =
                AttentionKernels.choose(codec, codec, Optional.of(width)).softmax();
        SoftmaxKernel scalar = new ScalarSoftmax();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4 * 96, 64);
            for (int heads : new int[] {1, 3, 8}) {
                for (int count : new int[] {16, 48, 64}) {
                    float[] weights = floats(7 + heads * 80);
                    float[] shares = floats(2 + heads);
                    float[] before = floats(96);
                    MemorySegment.copy(before, 0, memory, RowCodec.FLOAT, 0, 96);
                    scalar.addShares(weights, 7, 80, heads, shares, 2, 0.5f, count, memory.address() + 64);
                    float[] expected = memory.toArray(RowCodec.FLOAT);
                    MemorySegment.copy(before, 0, memory, RowCodec.FLOAT, 0, 96);
                    vector.addShares(weights, 7, 80, heads, shares, 2, 0.5f, count, memory.address() + 64);
                    assertThat(memory.toArray(RowCodec.FLOAT)).containsExactly(expected, Offset.offset(1e-6f));
                    for (int i = 0; i < 96; i++) {
                        assertThat(expected[i] == before[i]).isEqualTo(i < 16 || i >= 16 + count);
                    }
                }
            }
        }
    }
}
