package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.MetadataValue.BoolArray;
import dev.quipu.gguf.MetadataValue.BoolValue;
import dev.quipu.gguf.MetadataValue.DoubleArray;
import dev.quipu.gguf.MetadataValue.FloatArray;
import dev.quipu.gguf.MetadataValue.FloatValue;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.IntegerArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.NestedArray;
import dev.quipu.gguf.MetadataValue.StringArray;
import dev.quipu.gguf.MetadataValue.StringValue;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 32, 64, 4096, 1 << 20})
    void alignsTensors(int alignment) throws IOException {
        Path path = folder.resolve("aligned.gguf");
        byte[] one = {1, 2, 3};
        byte[] two = {4, 5, 6, 7, 8};
        new GgufWriter()
                .alignment(alignment)
                .tensor("one", GgmlType.I8, List.of(3L), MemorySegment.ofArray(one))
                .tensor("two", GgmlType.I8, List.of(5L), MemorySegment.ofArray(two))
                .write(path);
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.alignment()).isEqualTo(alignment);
            assertThat(file.metadata().integer("general.alignment")).hasValue(alignment);
            for (TensorInfo tensor : file.tensors()) {
                assertThat(tensor.offset() % alignment).isZero();
                assertThat(file.data(tensor).address() % Math.min(alignment, 4096))
                        .isZero();
            }
            assertThat(file.tensors().get(1).offset()).isEqualTo((3 + alignment - 1) / alignment * alignment);
            assertThat(file.data(file.tensors().get(0)).toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(one);
            assertThat(file.data(file.tensors().get(1)).toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(two);
        }
    }

    /** Every type of value, alone, in an array, and in arrays of arrays. */
    @ParameterizedTest
    @EnumSource(ValueType.class)
    void keepsValuesOfEveryType(ValueType type) throws IOException {
        MetadataValue array = array(type);
        MetadataValue nested = new NestedArray(List.of(array, new NestedArray(List.of(array, array)), array));
        Path path = folder.resolve("values.gguf");
        GgufWriter writer = new GgufWriter().metadata("array", array).metadata("nested", nested);
        if (type != ValueType.ARRAY) {
            writer.metadata("alone", alone(type));
        }
        writer.write(path);
        try (GgufFile file = GgufFile.open(path)) {
            Metadata m = file.metadata();
            assertThat(m.find("array").orElseThrow())
                    .usingRecursiveComparison()
                    .withStrictTypeChecking()
                    .isEqualTo(array);
            assertThat(m.find("nested").orElseThrow())
                    .usingRecursiveComparison()
                    .withStrictTypeChecking()
                    .isEqualTo(nested);
            if (type != ValueType.ARRAY) {
                assertThat(m.find("alone")).contains(alone(type));
            }
            assertThat(file.tensors()).isEmpty();
        }
    }

    private static MetadataValue alone(ValueType type) {
        return switch (type) {
            case UINT8 -> new IntegerValue(type, 200);
            case INT8 -> new IntegerValue(type, -100);
            case UINT16 -> new IntegerValue(type, 60_000);
            case INT16 -> new IntegerValue(type, -30_000);
            case UINT32 -> new IntegerValue(type, 4_000_000_000L);
            case INT32 -> new IntegerValue(type, Integer.MIN_VALUE);
            case UINT64 -> new IntegerValue(type, -1);
            case INT64 -> new IntegerValue(type, Long.MIN_VALUE);
            case FLOAT32 -> new FloatValue(type, Float.MIN_VALUE);
            case FLOAT64 -> new FloatValue(type, Double.MAX_VALUE);
            case BOOL -> new BoolValue(true);
            case STRING -> new StringValue("ein Knoten 🪢\u0000");
            case ARRAY -> throw new IllegalArgumentException("an array is not alone");
        };
    }

    private static MetadataValue array(ValueType type) {
        return switch (type) {
            case UINT8 -> new IntArray(type, new int[] {0, 255});
            case INT8 -> new IntArray(type, new int[] {-128, 127});
            case UINT16 -> new IntArray(type, new int[] {0, 65_535});
            case INT16 -> new IntArray(type, new int[] {-32_768, 32_767});
            case UINT32, INT32 -> new IntArray(type, new int[] {-1, Integer.MIN_VALUE, 3});
            case UINT64, INT64 -> new IntegerArray(type, new long[] {-1, Long.MIN_VALUE, 3});
            case FLOAT32 -> new FloatArray(new float[] {1.5f, Float.NEGATIVE_INFINITY, Float.MIN_VALUE});
            case FLOAT64 -> new DoubleArray(new double[] {1.5, Double.NEGATIVE_INFINITY, Double.MIN_VALUE});
            case BOOL -> new BoolArray(new boolean[] {true, false, true});
            case STRING -> new StringArray(new String[] {"", "zwei", "三"});
            case ARRAY -> new NestedArray(List.of());
        };
    }

    /** Strings are read from copies of 64 KiB: some end at the end of one, some reach beyond, some are longer. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_519, 65_520, 65_527, 65_528, 65_529, 65_536, 200_000, 20_000_000})
    void readsStringsOfAllLengths(int length) throws IOException {
        String[] strings = {
            "first", "ä".repeat(length / 2) + "x".repeat(length % 2), "", "ü last", "x".repeat(70_000), "end"
        };
        Path path = folder.resolve("strings.gguf");
        new GgufWriter().metadata("strings", strings).metadata("after", 7).write(path);
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.metadata().strings("strings").orElseThrow()).containsExactly(strings);
            assertThat(file.metadata().integer("after")).hasValue(7);
        }
    }

    @Test
    void gettersNameAKeyOfAnotherType() throws IOException {
        Path path = folder.resolve("getters.gguf");
        new GgufWriter()
                .metadata("text", "x")
                .metadata("number", 7)
                .metadata("texts", new String[] {"x"})
                .metadata("long", new IntegerArray(ValueType.INT64, new long[] {1, 1L << 40}))
                .write(path);
        try (GgufFile file = GgufFile.open(path)) {
            Metadata m = file.metadata();
            assertWrongType(() -> m.string("number"), "metadata key number is of type u32, expected a string");
            assertWrongType(() -> m.integer("text"), "metadata key text is of type str, expected an integer");
            assertWrongType(() -> m.number("texts"), "metadata key texts is of type array of str, expected a number");
            assertWrongType(() -> m.bool("number"), "metadata key number is of type u32, expected a bool");
            assertWrongType(() -> m.strings("text"), "metadata key text is of type str, expected an array of strings");
            assertWrongType(
                    () -> m.ints("texts"), "metadata key texts is of type array of str, expected an array of integers");
            assertWrongType(
                    () -> m.ints("long"), "metadata key long holds 1099511627776, which does not fit into 32 bits");
            assertWrongType(() -> m.floats("number"), "metadata key number is of type u32, expected an array of f32");
            assertThat(m.string("absent")).isEmpty();
            assertThat(m.integer("absent")).isEmpty();
            assertThat(m.number("absent")).isEmpty();
            assertThat(m.bool("absent")).isEmpty();
            assertThat(m.strings("absent")).isEmpty();
            assertThat(m.ints("absent")).isEmpty();
            assertThat(m.floats("absent")).isEmpty();
        }
    }

    private static void assertWrongType(ThrowingCallable getter, String message) {
        assertThatThrownBy(getter).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    /** 2^31 + 32 elements in a sparse file, which takes a few kilobytes of disk. */
    @Test
    void readsTheFarEndOfALargeTensor() throws IOException {
        Path path = folder.resolve("large.gguf");
        long columns = 1L << 16;
        long rows = (1L << 15) + 1;
        byte[] head = RawGguf.head(2, 0)
                .tensor("before", GgmlType.F32, 0, 8)
                .tensor("large", GgmlType.Q4_0, 32, columns, rows)
                .align(32)
                .toBytes();
        long bytes = columns / 32 * 18 * rows;
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(head);
            file.setLength(head.length + 32 + bytes);
            file.seek(head.length + 32 + bytes - 18);
            file.write(0); // d = 2, little-endian
            file.write(0x40);
            file.write(0x9f); // elements 0 and 16 of the last block: 15 - 8 and 9 - 8
        }
        try (GgufFile file = GgufFile.open(path)) {
            TensorInfo large = file.tensor("large").orElseThrow();
            assertThat(large.elements()).isEqualTo(columns * rows).isGreaterThan(Integer.MAX_VALUE);
            assertThat(large.rows()).isEqualTo(rows);
            assertThat(large.bytes()).isEqualTo(bytes);
            MemorySegment data = file.data(large);
            assertThat(data.byteSize()).isEqualTo(bytes);
            float[] last = new float[32];
            large.type().dequantize(data, bytes - 18, last, 0, 32);
            assertThat(last[0]).isEqualTo(14);
            assertThat(last[16]).isEqualTo(2);
            assertThat(last[31]).isEqualTo(-16);
        } finally {
            Files.delete(path);
        }
    }

    /** Each mapped anew, so that what stays mapped would be seen. */
    @Test
    void closingUnmaps() throws IOException {
        Path path = folder.resolve("mapped.gguf");
        new GgufWriter()
                .tensor("one", GgmlType.F32, List.of(1L), MemorySegment.ofArray(new byte[4]))
                .write(path);
        Path maps = Path.of("/proc/self/maps");
        for (int i = 0; i < 3; i++) {
            GgufFile file = GgufFile.open(path);
            assertThat(file.isOpen()).isTrue();
            if (Files.exists(maps)) {
                assertThat(Files.readString(maps)).contains(path.toString());
            }
            file.close();
            assertThat(file.isOpen()).isFalse();
            if (Files.exists(maps)) {
                assertThat(Files.readString(maps)).doesNotContain(path.toString());
            }
        }
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
}
