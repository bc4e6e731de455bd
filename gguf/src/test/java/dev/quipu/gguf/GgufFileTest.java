package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.MetadataValue.BoolArray;
import dev.quipu.gguf.MetadataValue.DoubleArray;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.IntegerArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.NestedArray;
import dev.quipu.gguf.MetadataValue.StringArray;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GgufFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void readsWhatTheWriterWrote(int version) throws IOException {
        Path path = folder.resolve("all.gguf");
        byte[] q8 = new byte[34 * 4];
        q8[35] = 9;
        new GgufWriter(version)
                .alignment(128)
                .metadata("string", "grüße 🦙")
                .metadata("u32", -1)
                .metadata("f32", 0.5f)
                .metadata("bool", true)
                .metadata("u8", new IntegerValue(ValueType.UINT8, 255))
                .metadata("i8", new IntegerValue(ValueType.INT8, -1))
                .metadata("u16", new IntegerValue(ValueType.UINT16, 65_535))
                .metadata("i16", new IntegerValue(ValueType.INT16, -2))
                .metadata("i32", new IntegerValue(ValueType.INT32, -3))
                .metadata("u64", new IntegerValue(ValueType.UINT64, -1))
                .metadata("i64", new IntegerValue(ValueType.INT64, Long.MIN_VALUE))
                .metadata("f64", new MetadataValue.FloatValue(ValueType.FLOAT64, Math.PI))
                .metadata("strings", new String[] {"a", "", "ß"})
                .metadata("ints", new int[] {1, -1})
                .metadata("floats", new float[] {1, Float.MIN_VALUE})
                .metadata("u8s", new IntArray(ValueType.UINT8, new int[] {0, 255}))
                .metadata("i16s", new IntArray(ValueType.INT16, new int[] {-5, 5}))
                .metadata("u64s", new IntegerArray(ValueType.UINT64, new long[] {5, 6}))
                .metadata("f64s", new DoubleArray(new double[] {0.1}))
                .metadata("bools", new BoolArray(new boolean[] {true, false}))
                .metadata(
                        "nested",
                        new NestedArray(List.of(
                                new IntArray(ValueType.INT32, new int[] {7}),
                                new NestedArray(List.of(new StringArray(new String[] {"deep"}))))))
                .tensor("one", GgmlType.F32, List.of(3L), MemorySegment.ofArray(new byte[12]))
                .tensor("two", GgmlType.Q8_0, List.of(64L, 2L), MemorySegment.ofArray(q8))
                .write(path);
        try (GgufFile file = GgufFile.open(path)) {
            Metadata m = file.metadata();
            assertThat(file.version()).isEqualTo(version);
            assertThat(file.alignment()).isEqualTo(128);
            assertThat(m.string("string")).contains("grüße 🦙");
            assertThat(m.integer("u32")).hasValue(0xffffffffL);
            assertThat(m.number("f32")).hasValue(0.5);
            assertThat(m.bool("bool")).contains(true);
            assertThat(m.integer("u8")).hasValue(255);
            assertThat(m.integer("i8")).hasValue(-1);
            assertThat(m.integer("u16")).hasValue(65_535);
            assertThat(m.integer("i16")).hasValue(-2);
            assertThat(m.integer("i32")).hasValue(-3);
            assertThat(m.find("u64").orElseThrow()).hasToString("18446744073709551615");
            assertThat(m.integer("i64")).hasValue(Long.MIN_VALUE);
            assertThat(m.number("f64")).hasValue(Math.PI);
            assertThat(m.strings("strings").orElseThrow()).containsExactly("a", "", "ß");
            assertThat(m.ints("ints").orElseThrow()).containsExactly(1, -1);
            assertThat(m.floats("floats").orElseThrow()).containsExactly(1, Float.MIN_VALUE);
            assertThat(m.ints("u8s").orElseThrow()).containsExactly(0, 255);
            assertThat(m.ints("i16s").orElseThrow()).containsExactly(-5, 5);
            assertThat(m.ints("u64s").orElseThrow()).containsExactly(5, 6);
            assertThat(m.find("f64s").orElseThrow()).hasToString("[0.1]");
            assertThat(m.find("bools").orElseThrow()).hasToString("[true, false]");
            assertThat(m.find("nested").orElseThrow()).hasToString("[[7], [[\"deep\"]]]");
            assertThat(file.tensors()).extracting(TensorInfo::name).containsExactly("one", "two");
            TensorInfo two = file.tensor("two").orElseThrow();
            assertThat(two.columns()).isEqualTo(64);
            assertThat(two.rows()).isEqualTo(2);
            assertThat(file.data(two).toArray(ValueLayout.JAVA_BYTE)).containsExactly(q8);
            assertThat(file.data(two).isReadOnly()).isTrue();
            assertThat(m.find("absent")).isEmpty();
            assertThatThrownBy(() -> m.integer("string"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("metadata key string is of type str, expected an integer");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(path);
        }
    }

    @Test
    void aClosedFileGivesNothingAnyMore() throws IOException {
        Path path = folder.resolve("closed.gguf");
        new GgufWriter()
                .tensor("one", GgmlType.F32, List.of(1L), MemorySegment.ofArray(new byte[4]))
                .write(path);
        GgufFile file = GgufFile.open(path);
        TensorInfo one = file.tensors().getFirst();
        MemorySegment data = file.data(one);
        file.close();
        file.close();
        assertThatThrownBy(() -> file.data(one)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void opensASplitSetFromAnyPart() throws IOException {
        for (int i = 0; i < 3; i++) {
            part(i, 3, 3, "t" + i).write(folder.resolve("m-0000" + (i + 1) + "-of-00003.gguf"));
        }
        for (int i = 1; i <= 3; i++) {
            try (GgufFile file = GgufFile.open(folder.resolve("m-0000" + i + "-of-00003.gguf"))) {
                assertThat(file.tensors()).extracting(TensorInfo::name).containsExactly("t0", "t1", "t2");
                assertThat(file.data(file.tensor("t2").orElseThrow()).get(ValueLayout.JAVA_BYTE, 0))
                        .isEqualTo((byte) 2);
                assertThat(file.metadata().integer("split.no")).hasValue(0);
            }
        }
    }

    @Test
    void refusesInconsistentSplitSets() throws IOException {
        Path first = folder.resolve("m-00001-of-00002.gguf");
        Path second = folder.resolve("m-00002-of-00002.gguf");
        part(0, 2, 2, "a").write(first);
        assertThatThrownBy(() -> GgufFile.open(first))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("m-00002-of-00002.gguf");
        part(0, 2, 2, "b").write(second); // says it is the first again
        assertThatThrownBy(() -> GgufFile.open(first))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining("says it is part 0 of 2, expected part 1 of 2");
        part(1, 2, 2, "a").write(second);
        assertThatThrownBy(() -> GgufFile.open(first))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining("'a' occurs in two parts");
        part(0, 2, 5, "a").write(first);
        part(1, 2, 5, "b").write(second);
        assertThatThrownBy(() -> GgufFile.open(first))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining("split.tensors.count is 5, but the parts hold 2");
        Path renamed = folder.resolve("renamed.gguf");
        Files.copy(first, renamed);
        assertThatThrownBy(() -> GgufFile.open(renamed))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining("name must end in");
    }

    private static GgufWriter part(int number, int count, int tensors, String tensor) {
        byte[] data = new byte[4];
        data[0] = (byte) number;
        return new GgufWriter()
                .metadata("split.no", new IntegerValue(ValueType.UINT16, number))
                .metadata("split.count", new IntegerValue(ValueType.UINT16, count))
                .metadata("split.tensors.count", new IntegerValue(ValueType.INT32, tensors))
                .tensor(tensor, GgmlType.F32, List.of(1L), MemorySegment.ofArray(data));
    }

    @Test
    void readsTheRealModelAndEveryVocabulary() throws IOException {
        try (GgufFile file = GgufFile.open(GoldenFiles.require("models/SmolLM2-135M-Instruct.Q4_1.gguf"))) {
            assertThat(file.tensors()).hasSize(272);
            assertThat(file.metadata().strings("tokenizer.ggml.tokens").orElseThrow())
                    .hasSize(49_152);
        }
        try (Stream<Path> vocabularies = Files.list(GoldenFiles.require("golden/tokenizer"))) {
            for (Path path :
                    vocabularies.filter(p -> p.toString().endsWith(".gguf")).toList()) {
                try (GgufFile file = GgufFile.open(path)) {
                    assertThat(file.metadata().strings("tokenizer.ggml.tokens")).isPresent();
                }
            }
        }
    }

    @Test
    void namesWhatCannotBeOpened() {
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("absent.gguf")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("absent.gguf");
        assertThatThrownBy(() -> GgufFile.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a regular file");
    }
}
