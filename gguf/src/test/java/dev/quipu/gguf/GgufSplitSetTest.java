package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.MetadataValue.IntegerValue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GgufSplitSetTest {
    private static final String FIRST = "m-00001-of-00002.gguf";
    private static final String SECOND = "m-00002-of-00002.gguf";

    @TempDir
    Path folder;

    /** Every way in which the files of a set can fail to fit: made from a good set of two, opened by its first file. */
    enum SplitDefect {
        PART_MISSING(SECOND, "no such file") {
            @Override
            void make(Path folder) throws IOException {
                Files.delete(folder.resolve(SECOND));
            }
        },
        PART_A_FOLDER(SECOND, "is not a regular file") {
            @Override
            void make(Path folder) throws IOException {
                Files.delete(folder.resolve(SECOND));
                Files.createDirectory(folder.resolve(SECOND));
            }
        },
        PART_BROKEN(SECOND, "the file is empty (at byte 0)") {
            @Override
            void make(Path folder) throws IOException {
                Files.write(folder.resolve(SECOND), new byte[0]);
            }
        },
        PART_CUT(SECOND, "the file is incomplete") {
            @Override
            void make(Path folder) throws IOException {
                byte[] whole = Files.readAllBytes(folder.resolve(SECOND));
                Files.write(folder.resolve(SECOND), java.util.Arrays.copyOf(whole, whole.length - 30));
            }
        },
        PART_NOT_OF_A_SET(SECOND, "this is part 2 of 2, but metadata split.no is missing") {
            @Override
            void make(Path folder) throws IOException {
                new GgufWriter().write(folder.resolve(SECOND));
            }
        },
        FIRST_AGAIN(SECOND, "by its metadata this is part 1 of 2, by its name part 2 of 2") {
            @Override
            void make(Path folder) throws IOException {
                part(0, 2, 2, "b").write(folder.resolve(SECOND));
            }
        },
        CYCLE_OF_LINKS(SECOND, "by its metadata this is part 1 of 2, by its name part 2 of 2") {
            @Override
            void make(Path folder) throws IOException {
                Files.delete(folder.resolve(SECOND));
                Files.createSymbolicLink(folder.resolve(SECOND), folder.resolve(FIRST));
            }
        },
        PARTS_SWAPPED(FIRST, "by its metadata this is part 2 of 2, by its name part 1 of 2") {
            @Override
            void make(Path folder) throws IOException {
                part(1, 2, 2, "a").write(folder.resolve(FIRST));
                part(0, 2, 2, "b").write(folder.resolve(SECOND));
            }
        },
        PART_OF_A_LARGER_SET(SECOND, "by its metadata this is part 2 of 3, by its name part 2 of 2") {
            @Override
            void make(Path folder) throws IOException {
                part(1, 3, 2, "b").write(folder.resolve(SECOND));
            }
        },
        NUMBER_BEYOND_THE_COUNT(SECOND, "by its metadata this is part 8 of 2, by its name part 2 of 2") {
            @Override
            void make(Path folder) throws IOException {
                part(7, 2, 2, "b").write(folder.resolve(SECOND));
            }
        },
        NUMBER_A_STRING(SECOND, "metadata key split.no is of type str, expected an integer") {
            @Override
            void make(Path folder) throws IOException {
                new GgufWriter()
                        .metadata("split.no", "1")
                        .metadata("split.count", 2)
                        .write(folder.resolve(SECOND));
            }
        },
        TENSOR_IN_TWO_PARTS(SECOND, "tensor 'a' is in an earlier part of the split set too") {
            @Override
            void make(Path folder) throws IOException {
                part(1, 2, 2, "a").write(folder.resolve(SECOND));
            }
        },
        TENSORS_MISSING(FIRST, "split.tensors.count is 5, but the parts hold 2 tensors") {
            @Override
            void make(Path folder) throws IOException {
                part(0, 2, 5, "a").write(folder.resolve(FIRST));
            }
        },
        PART_OF_ANOTHER_MODEL(SECOND, "split.tensors.count is 9, but the parts hold 2 tensors") {
            @Override
            void make(Path folder) throws IOException {
                part(1, 2, 9, "b").write(folder.resolve(SECOND));
            }
        };

        private final String file;
        private final String message;

        SplitDefect(String file, String message) {
            this.file = file;
            this.message = message;
        }

        abstract void make(Path folder) throws IOException;
    }

    @ParameterizedTest
    @EnumSource(SplitDefect.class)
    void isRefused(SplitDefect defect) throws IOException {
        part(0, 2, 2, "a").write(folder.resolve(FIRST));
        part(1, 2, 2, "b").write(folder.resolve(SECOND));
        defect.make(folder);
        assertThatThrownBy(() -> GgufFile.open(folder.resolve(FIRST)))
                .isInstanceOf(
                        switch (defect) {
                            case PART_MISSING -> NoSuchFileException.class;
                            case PART_A_FOLDER -> IOException.class;
                            default -> GgufFormatException.class;
                        })
                .hasMessageContaining(folder.resolve(defect.file).toString())
                .hasMessageContaining(defect.message);
    }

    /** A part under another name does not lead to the others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "renamed.gguf",
                "m-00001-of-00003.gguf",
                "m-00000-of-00002.gguf",
                "m-00003-of-00002.gguf",
                "m-1-of-2.gguf",
                "m-00001-of-00002.bin"
            })
    void isRefusedByAnotherName(String name) throws IOException {
        part(0, 2, 2, "a").write(folder.resolve(name));
        assertThatThrownBy(() -> GgufFile.open(folder.resolve(name)))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining(name);
    }

    @Test
    void opensFromAnyPart() throws IOException {
        for (int i = 0; i < 3; i++) {
            part(i, 3, 3, "t" + i).write(folder.resolve("m-0000" + (i + 1) + "-of-00003.gguf"));
        }
        for (int i = 1; i <= 3; i++) {
            Path path = folder.resolve("m-0000" + i + "-of-00003.gguf");
            try (GgufFile file = GgufFile.open(path)) {
                assertThat(file.path()).isEqualTo(path);
                assertThat(file.tensors()).extracting(TensorInfo::name).containsExactly("t0", "t1", "t2");
                assertThat(file.tensors()).extracting(TensorInfo::part).containsExactly(0, 1, 2);
                for (TensorInfo tensor : file.tensors()) {
                    assertThat(file.data(tensor).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) tensor.part());
                }
                assertThat(file.metadata().integer("split.no")).hasValue(0);
                assertThat(file.fileBytes()).isEqualTo(3 * Files.size(path));
            }
        }
    }

    @Test
    void aSetOfOneIsAFile() throws IOException {
        Path path = folder.resolve("any name.gguf");
        part(0, 1, 1, "a").write(path);
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.tensors()).hasSize(1);
        }
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
}
