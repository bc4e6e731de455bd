package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.quipu.gguf.MetadataValue.BoolArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.NestedArray;
import dev.quipu.gguf.MetadataValue.StringArray;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class BrokenFileTest {
    /** What opening a small broken file may allocate, of which most is for the message. */
    private static final long MEMORY = 1 << 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Defect.class)
    void isNamedWithItsPlace(Defect defect) throws IOException {
        Path path = write(defect.file());
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        GgufFormatException e = catchThrowableOfType(GgufFormatException.class, () -> GgufFile.open(path));
        assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(MEMORY + 8 * defect.file().length);
        assertThat(e)
                .as("opening the file")
                .isNotNull()
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(defect.message())
                .hasMessageEndingWith("(at byte " + defect.offset() + ")");
        assertThat(e.offset()).isEqualTo(defect.offset());
        assertThat(e.getMessage().lines()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Defect.class)
    void isRefusedWherePartsOfItAreCutOff(Defect defect) {
        byte[] whole = defect.file();
        for (int length = 0; length < Math.min(whole.length, 400); length++) {
            MemorySegment cut = MemorySegment.ofArray(whole).asSlice(0, length);
            GgufFormatException e = catchThrowableOfType(GgufFormatException.class, () -> GgufReader.read(cut, 0));
            if (!defect.name().startsWith("SPLIT")) {
                assertThat(e).as("the first %d bytes", length).isNotNull();
            }
        }
    }

    @Test
    void isRefusedWhereverItEnds() throws IOException {
        byte[] whole = everyKindOfField();
        for (int length = 0; length < whole.length; length++) {
            Path path = write(Arrays.copyOf(whole, length));
            int end = length;
            assertThatThrownBy(() -> GgufFile.open(path))
                    .as("the first %d bytes", length)
                    .isInstanceOfSatisfying(GgufFormatException.class, e -> assertThat(e.offset())
                            .isBetween(0L, (long) end));
        }
    }

    /** Bytes changed, inserted, removed, and numbers put in place of others. */
    @Test
    void isRefusedOrReadableWhateverItsBytesAre() throws IOException {
        byte[] whole = everyKindOfField();
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 8000; i++) {
            byte[] bytes = whole.clone();
            for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
                bytes = mutate(bytes, random);
            }
            Path path = write(bytes);
            try (GgufFile file = GgufFile.open(path)) {
                Readable.assertReadable(file);
            } catch (GgufFormatException e) {
                assertThat(e.offset()).isBetween(0L, (long) bytes.length);
                refused++;
            } catch (NoSuchFileException e) {
                assertThat(e).hasMessageContaining("-of-"); // has become a part of a set
            }
        }
        assertThat(refused).isBetween(1000, 7900);
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length - 8);
        long[] numbers = {0, 1, -1, 127, 255, 65_535, Integer.MAX_VALUE, 1L << 31, 1L << 32, Long.MAX_VALUE, 1L << 63};
        return switch (random.nextInt(5)) {
            case 0 -> {
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                yield bytes;
            }
            case 1 -> {
                bytes[at] = (byte) random.nextInt();
                yield bytes;
            }
            case 2 -> {
                byte[] number = new RawGguf()
                        .int64(numbers[random.nextInt(numbers.length)])
                        .toBytes();
                System.arraycopy(number, 0, bytes, at, random.nextBoolean() ? 4 : 8);
                yield bytes;
            }
            case 3 -> { // inserted
                int length = random.nextInt(1, 9);
                byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
                System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
                yield longer;
            }
            default -> { // removed
                int length = random.nextInt(1, 9);
                byte[] shorter = Arrays.copyOf(bytes, bytes.length - length);
                int rest = Math.max(0, bytes.length - at - length);
                System.arraycopy(bytes, bytes.length - rest, shorter, at, Math.min(rest, shorter.length - at));
                yield shorter;
            }
        };
    }

    /** A file of many gigabytes, all zeros after its head, costs no more than a small one. */
    @Test
    void takesNoMemoryForWhatAHugeFileClaims() throws IOException {
        Path path = folder.resolve("huge.gguf");
        for (RawGguf head : List.of(
                RawGguf.head(1L << 32, 0),
                RawGguf.head(0, 1L << 32),
                RawGguf.head(0, 1).key("a", ValueType.ARRAY).int32(0).int64(1L << 34),
                RawGguf.head(0, 1).key("a", ValueType.ARRAY).int32(8).int64(1L << 31),
                RawGguf.head(0, 1).key("a", ValueType.STRING).int64(1L << 31))) {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(0);
                file.write(head.toBytes());
                file.setLength(1L << 36); // sparse
            }
            ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = memory.getCurrentThreadAllocatedBytes();
            assertThatThrownBy(() -> GgufFile.open(path))
                    .isInstanceOf(GgufFormatException.class)
                    .hasMessageContaining("fits into the 134217728 bytes that metadata and tensor infos may take");
            assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(MEMORY);
        }
        Files.delete(path);
    }

    @Test
    void isNotThere() {
        Path absent = folder.resolve("absent.gguf");
        assertThatThrownBy(() -> GgufFile.open(absent))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(absent.toString());
    }

    @Test
    void isNoRegularFile() {
        for (Path path : List.of(folder, Path.of("/dev/zero"), Path.of("/dev/null"))) {
            assertThatThrownBy(() -> GgufFile.open(path))
                    .isInstanceOf(IOException.class)
                    .hasMessage(path + " is not a regular file");
        }
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("broken.gguf"), bytes);
    }

    /** A small valid file that ends with its last tensor. */
    private byte[] everyKindOfField() throws IOException {
        Path path = folder.resolve("valid.gguf");
        GgufWriter writer = new GgufWriter().alignment(16);
        for (ValueType type : ValueType.values()) {
            switch (type) {
                case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 ->
                    writer.metadata(type.label(), new IntegerValue(type, 5));
                case FLOAT32, FLOAT64 -> writer.metadata(type.label(), new MetadataValue.FloatValue(type, 0.5));
                case BOOL -> writer.metadata(type.label(), true);
                case STRING -> writer.metadata(type.label(), "grüße");
                case ARRAY ->
                    writer.metadata(
                            type.label(),
                            new NestedArray(List.of(
                                    new StringArray(new String[] {"a", "", "bcd"}),
                                    new BoolArray(new boolean[] {true}),
                                    new NestedArray(List.of(new MetadataValue.FloatArray(new float[] {1, 2}))))));
            }
        }
        writer.tensor("one", GgmlType.F32, List.of(3L), MemorySegment.ofArray(new byte[12]))
                .tensor("two", GgmlType.Q8_0, List.of(32L, 2L, 1L, 1L), MemorySegment.ofArray(new byte[68]))
                .write(path);
        byte[] bytes = Files.readAllBytes(path);
        return Arrays.copyOf(bytes, bytes.length - 12); // without the padding at the end: 68 bytes, aligned to 16
    }
}
