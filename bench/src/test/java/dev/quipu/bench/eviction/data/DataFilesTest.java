package dev.quipu.bench.eviction.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFilesTest {
    @TempDir
    private Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aFieldOfEachLineIsADocument() throws IOException {
        Path file =
                file("a.jsonl", "{\"context\":\"one\",\"n\":1}\n\n{\"context\":\"two\"}\n{\"context\":\"three\"}\n");
        assertThat(DocumentFile.read(file, "context", 0, 2))
                .containsExactly(new Document("a-0", "one"), new Document("a-1", "two"));
        assertThat(DocumentFile.read(file, "context", 1, 1)).containsExactly(new Document("a-1", "two"));
        assertThat(QuestionFile.matches(file)).isFalse();
    }

    @Test
    void plainTextIsOneDocument() throws IOException {
        Path file = file("a.txt", "some\ntext");
        assertThat(DocumentFile.read(file, "context", 0, 9)).containsExactly(new Document("a.txt", "some\ntext"));
        assertThat(QuestionFile.matches(file)).isFalse();
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        Path noField = file("a.jsonl", "{\"context\":\"one\"}\n{\"text\":\"two\"}\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentFile.read(noField, "context", 0, 9))
                .withMessageContaining("line 2 has no text 'context'; it has [text]");
        Path noJson = file("b.jsonl", "{\"context\":\"one\"}\n{\"context\":\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentFile.read(noJson, "context", 0, 9))
                .withMessageContaining("line 2 is not JSON");
    }

    @Test
    void aFileThatSaysNothingIsNamed() throws IOException {
        Path blank = file("blank.jsonl", "\n\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentFile.read(blank, "context", 0, 9))
                .withMessage(blank + " holds no lines");
        Path few = file("short.jsonl", "{\"context\":\"one\"}\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentFile.read(few, "context", 4, 9))
                .withMessage(few + " holds no lines after the first 4");
        Path empty = file("empty.txt", "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentFile.read(empty, "context", 0, 9))
                .withMessage(empty + " holds no text");
        Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {'a', (byte) 0xff, (byte) 0xfe});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentFile.read(binary, "context", 0, 9))
                .withMessage(binary + " is not text in UTF-8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentFile.read(folder, "context", 0, 9))
                .withMessage(folder + " is a folder");
    }

    @Test
    void theLastLineOfTheInputIsTheQuestion() throws IOException {
        Path file = file(
                "keys.jsonl",
                "{\"input\":\"k1 is a.\\nk2 is b.\\nWhat is k2? k2 is\",\"outputs\":[\"b\"],\"length\":9}\n");
        assertThat(QuestionFile.matches(file)).isTrue();
        List<Question> questions = QuestionFile.read(file, 0, 9);
        assertThat(questions)
                .containsExactly(
                        new Question("keys-0", "keys", 9, -1, "k1 is a.\nk2 is b.\n", "What is k2? k2 is", " b"));
    }
}
