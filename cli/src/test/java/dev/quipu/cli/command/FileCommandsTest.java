package dev.quipu.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.cli.QuipuRun;
import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.model.ModelFileBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

/** Commands that look into a file and compute nothing. */
final class FileCommandsTest {
    @TempDir
    Path folder;

    private String model = "";

    @BeforeEach
    void writeModel() throws IOException {
        Path path = folder.resolve("model.gguf");
        new ModelFileBuilder(32, GgmlType.Q8_0).write(path);
        model = path.toString();
    }

    @Test
    void inspectPrintsWhatIsThere() {
        QuipuRun run = QuipuRun.of("inspect", model, "-c", "100");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("llama.embedding_length = 32", "11 tensors:", "blk.0.ffn_down.weight", "Q8_0", "100 tokens");
    }

    @Test
    void inspectPrintsJson() throws IOException {
        QuipuRun run = QuipuRun.of("inspect", "--json", "-c", "100", model);
        Map<String, Object> root = JSON.std.mapFrom(run.out());
        assertThat((List<?>) root.get("tensors")).hasSize(11);
        assertThat(((Map<?, ?>) root.get("metadata")).get("general.architecture"))
                .isEqualTo("llama");
        // Keys and values of one layer: one head of 16, in halves.
        assertThat(((Map<?, ?>) root.get("memory")).get("kv_bytes")).isEqualTo(100 * 2 * 16 * 2);
        assertThat(((Map<?, ?>) root.get("memory")).get("ctx_size")).isEqualTo(100);
    }

    @Test
    void tokenizePrintsIds() throws IOException {
        List<Object> whole = ids("ab</s>");
        assertThat(whole).startsWith(1).endsWith(2);
        assertThat(ids("--no-bos", "ab</s>")).isEqualTo(whole.subList(1, whole.size()));
        assertThat(ids("--no-parse-special", "ab</s>")).startsWith(1).doesNotContain(2);
        assertThat(ids("--no-bos", "")).isEmpty();
    }

    @Test
    void tokenizeShowsPieces() {
        QuipuRun run = QuipuRun.of("tokenize", "-m", model, "a");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines().toList().getFirst()).isEqualTo("     1 -> '<s>'");
        assertThat(run.out()).contains("-> ' a'");
    }

    private List<Object> ids(String... more) throws IOException {
        String[] arguments = new String[4 + more.length];
        arguments[0] = "tokenize";
        arguments[1] = "-m";
        arguments[2] = model;
        arguments[3] = "--ids";
        System.arraycopy(more, 0, arguments, 4, more.length);
        QuipuRun run = QuipuRun.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return JSON.std.listFrom(run.out());
    }
}
