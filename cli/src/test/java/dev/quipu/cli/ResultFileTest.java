package dev.quipu.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultFileTest {
    private static final byte[] BYTES = {1, 2, 3};

    @TempDir
    Path folder;

    @Test
    void isThereWhenItIsComplete() throws IOException {
        Path path = Files.writeString(folder.resolve("result"), "older");
        try (ResultFile file = ResultFile.create(path)) {
            file.write(BYTES);
            assertThat(path).hasContent("older");
            file.complete();
        }
        assertThat(path).hasBinaryContent(BYTES);
        assertThat(folder).isDirectoryNotContaining(other -> !other.equals(path));
    }

    @Test
    void leavesNothingBehindThatIsNotComplete() throws IOException {
        try (ResultFile file = ResultFile.create(folder.resolve("result"))) {
            file.write(BYTES);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void goesWhereALinkLeads() throws IOException {
        Path path = Files.createFile(folder.resolve("result"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);
        try (ResultFile file = ResultFile.create(link)) {
            file.write(BYTES);
            file.complete();
        }
        assertThat(link).isSymbolicLink();
        assertThat(path).hasBinaryContent(BYTES);
    }

    @Test
    void saysWhatCannotBeWritten() throws IOException {
        assertThatThrownBy(() -> ResultFile.create(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is a folder");
        assertThatThrownBy(() -> {
                    try (ResultFile file = ResultFile.create(Path.of("/dev/full"))) {
                        file.write(BYTES);
                        file.complete();
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot write /dev/full: ");
        assertThat(Path.of("/dev/full")).exists();
    }
}
