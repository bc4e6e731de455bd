package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.MetadataValue.BoolValue;
import dev.quipu.gguf.MetadataValue.FloatValue;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.IntegerArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.NestedArray;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The writer refuses what the reader would refuse. */
final class GgufWriterTest {
    private static final MemorySegment FOUR_BYTES = MemorySegment.ofArray(new byte[4]);

    @TempDir
    Path folder;

    @Test
    void refusesWhatNoReaderTakes() {
        GgufWriter writer = new GgufWriter().metadata("a", 1).tensor("t", GgmlType.F32, List.of(1L), FOUR_BYTES);
        assertRefused(() -> new GgufWriter(1), "version must be 2 or 3");
        assertRefused(() -> new GgufWriter(4), "version must be 2 or 3");
        assertRefused(() -> new GgufWriter().alignment(48), "power of two");
        assertRefused(() -> new GgufWriter().alignment(1 << 30), "power of two up to 67108864");
        assertRefused(() -> writer.alignment(64), "before the first tensor");
        assertRefused(() -> writer.metadata("a", 2), "is set already");
        assertRefused(() -> writer.metadata("", 2), "has 0 characters");
        assertRefused(() -> writer.metadata("k".repeat(65_536), 2), "has 65536 characters");
        assertRefused(() -> writer.tensor("t", GgmlType.F32, List.of(1L), FOUR_BYTES), "is there already");
        assertRefused(() -> writer.tensor("u", GgmlType.F32, List.of(2L), FOUR_BYTES), "4 bytes of data, expected 8");
        assertRefused(() -> writer.tensor("u", GgmlType.F32, List.of(), FOUR_BYTES), "no dimensions");
        assertRefused(() -> writer.tensor("u", GgmlType.F32, List.of(1L, 1L, 1L, 1L, 1L), FOUR_BYTES), "5 dimensions");
        assertRefused(() -> writer.tensor("u", GgmlType.F32, List.of(1L, -1L), FOUR_BYTES), "dimension");
        assertRefused(() -> writer.tensor("u", GgmlType.F32, List.of(0L), FOUR_BYTES), "dimension");
        assertRefused(() -> writer.tensor("u", GgmlType.Q8_0, List.of(4L), FOUR_BYTES), "multiple of Q8_0's block");
    }

    @Test
    void refusesValuesOfTheWrongType() {
        assertRefused(() -> new IntegerValue(ValueType.STRING, 1), "type is str, expected an integer");
        assertRefused(() -> new FloatValue(ValueType.INT32, 1), "type is i32, expected f32 or f64");
        assertRefused(() -> new IntArray(ValueType.INT64, new int[1]), "type is i64, expected");
        assertRefused(() -> new IntegerArray(ValueType.INT32, new long[1]), "type is i32, expected u64 or i64");
        assertRefused(() -> new NestedArray(List.of(new BoolValue(true))), "cannot hold a bool");
    }

    @Test
    void leavesNothingBehindWhenItFails() throws IOException {
        Path there = Files.writeString(folder.resolve("there.gguf"), "before");
        MemorySegment closed;
        try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
            closed = arena.allocate(4);
        }
        GgufWriter writer = new GgufWriter().tensor("t", GgmlType.F32, List.of(1L), closed);
        assertThatThrownBy(() -> writer.write(there)).isInstanceOf(IllegalStateException.class);
        assertThat(there).hasContent("before");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(there);
        }
        assertThatThrownBy(() -> new GgufWriter().write(folder.resolve("absent/model.gguf")))
                .isInstanceOf(NoSuchFileException.class);
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }
}
