package dev.quipu.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What unpacks blocks reads no byte behind them: they may be the last of a file. Here they end where a file was cut off after it was mapped, and
 * Java turns a read beyond that into an {@link InternalError}.
 */
final class UnpackBoundsTest {
    private static final int ELEMENTS = 512;
    private static final int HALF = 1 << 16;

    @TempDir
    Path folder;

    static Stream<Arguments> typesAndWidths() {
        return Stream.of(SimdWidth.values()).filter(SimdWidth::supported).flatMap(width -> Stream.of(GgmlType.values())
                .filter(GgmlType::isWeight)
                .map(type -> Arguments.of(type, width)));
    }

    @ParameterizedTest
    @MethodSource("typesAndWidths")
    void readsNothingBehindTheLastBlock(GgmlType type, SimdWidth width) throws IOException {
        Kernels kernels = Kernels.choose(KernelChoice.valueOf(width.name()), Precision.FAST);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = halfOfAFile(arena);
            long offset = HALF - type.rowBytes(ELEMENTS);
            float[] floats = new float[ELEMENTS];
            kernels.of(type).unpack(memory, offset, floats, 0, ELEMENTS);
            assertThat(floats).doesNotContain(Float.NaN);
            kernels.quants(type)
                    .ifPresent(quants -> quants.unpack(
                            memory,
                            offset,
                            new int[ELEMENTS / 2],
                            0,
                            new float[ELEMENTS / 16],
                            0,
                            new float[ELEMENTS / 16],
                            0,
                            ELEMENTS));
        }
    }

    @Test
    void aReadBehindThemWouldFail() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = halfOfAFile(arena);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, HALF - 1)).isZero();
            assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, HALF)).isInstanceOf(InternalError.class);
        }
    }

    /** Twice as many bytes as can be read, zeros. */
    private MemorySegment halfOfAFile(Arena arena) throws IOException {
        try (FileChannel file = FileChannel.open(
                folder.resolve("blocks"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            MemorySegment memory = file.map(MapMode.READ_WRITE, 0, 2 * HALF, arena);
            file.truncate(HALF);
            return memory;
        }
    }
}
