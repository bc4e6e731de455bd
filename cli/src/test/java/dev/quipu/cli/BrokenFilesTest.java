package dev.quipu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufWriter;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.ValueType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broken file ends every command with one line on standard error and exit code 1. */
final class BrokenFilesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "run", "chat", "tokenize", "perplexity", "eval"})
    void endEveryCommandInOneLine(String command) throws IOException {
        byte[] whole = whole();
        for (Path file : List.of(
                Files.createDirectories(folder.resolve("folder.gguf")),
                folder.resolve("absent.gguf"),
                file("empty.gguf", new byte[0]),
                file("text.gguf", "no model".getBytes(StandardCharsets.UTF_8)),
                file("head.gguf", Arrays.copyOf(whole, 40)),
                file("data.gguf", Arrays.copyOf(whole, whole.length - 40)))) {
            QuipuRun run = QuipuRun.of(arguments(command, file));
            assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.err().lines()).hasSize(1);
            assertThat(run.err()).startsWith("quipu: ").contains(file.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "chat", "tokenize", "perplexity", "eval"})
    void aFileThatIsNoModelToo(String command) throws IOException {
        QuipuRun run = QuipuRun.of(arguments(command, file("whole.gguf", whole())));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        // Only tokenize does without the weights.
        String key = command.equals("tokenize") ? "tokenizer.ggml.model" : "llama.embedding_length";
        assertThat(run.err()).startsWith("quipu: metadata key " + key + " is missing");
    }

    @Test
    void sayWhereWithVerbose() throws IOException {
        QuipuRun run =
                QuipuRun.of("inspect", "-v", file("empty.gguf", new byte[0]).toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("quipu: ")
                .contains("GgufFormatException")
                .contains("\tat ");
    }

    @Test
    void areNamedWhereTextIsExpected() throws IOException {
        String latin1 = file("latin1.txt", new byte[] {'k', (byte) 0xe4, 'm'}).toString();
        QuipuRun run = QuipuRun.of("perplexity", "-m", "unused.gguf", "-f", latin1);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("quipu: " + latin1 + " is not valid UTF-8\n");
        run = QuipuRun.of("run", "-m", "unused.gguf", "-f", folder.toString());
        assertThat(run.err()).isEqualTo("quipu: " + folder + " is a folder, expected a file\n");
    }

    /** Names from the file cannot write to the terminal what they like, and absurd sizes are no estimate. */
    @Test
    void areShownSafely() throws IOException {
        Path path = folder.resolve("hostile.gguf");
        IntegerValue absurd = new IntegerValue(ValueType.INT64, Long.MAX_VALUE / 2);
        GgufWriter writer = new GgufWriter()
                .metadata("general.architecture", "llama")
                .metadata("k\u001b[31m", "v\u001b]0;title\u0007\n")
                .metadata("llama.context_length", absurd)
                .metadata("llama.block_count", absurd)
                .metadata("llama.attention.head_count", 1)
                .metadata("llama.embedding_length", absurd)
                .tensor("t\u001b[2J", GgmlType.F32, List.of(1L), MemorySegment.ofArray(new byte[4]));
        writer.write(path);
        QuipuRun run = QuipuRun.of("inspect", path.toString());
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).doesNotContain("\u001b").doesNotContain("\u0007").contains("k?[31m = v?]0;title?\\n");
        assertThat(run.out()).doesNotContain("memory:");
        assertThat(QuipuRun.of("inspect", "--json", path.toString()).out()).contains("\"kv_bytes\" : 0");
    }

    private static String[] arguments(String command, Path file) {
        return switch (command) {
            case "inspect" -> new String[] {command, file.toString()};
            case "perplexity" -> new String[] {command, "-m", file.toString(), "-f", file.toString()};
            case "eval" -> new String[] {command, "-m", file.toString(), "--tokens", "1", "-o", file + ".f32"};
            case "chat" -> new String[] {command, "-m", file.toString()};
            default -> new String[] {command, "-m", file.toString(), "hello"};
        };
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private byte[] whole() throws IOException {
        Path path = folder.resolve("source.gguf");
        new GgufWriter()
                .metadata("general.architecture", "llama")
                .tensor("token_embd.weight", GgmlType.F32, List.of(16L), MemorySegment.ofArray(new byte[64]))
                .write(path);
        return Files.readAllBytes(path);
    }
}
