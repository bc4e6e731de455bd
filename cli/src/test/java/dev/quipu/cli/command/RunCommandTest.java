package dev.quipu.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.cli.QuipuRun;
import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.model.ModelFileBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One prompt, with a model that speaks only as and bs. */
final class RunCommandTest {
    @TempDir
    Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model.gguf");
        new ModelFileBuilder(32, GgmlType.Q8_0)
                .integer("llama.context_length", 256)
                .write(model);
    }

    @Test
    void aSeedGivesTheSameAnswerAgain() {
        String[] seeded = {"-s", "7", "--temp", "2", "-n", "40", "--ignore-eos"};
        String answer = answer(seeded);
        assertThat(answer(seeded)).isEqualTo(answer);
        seeded[1] = "8";
        assertThat(answer(seeded)).isNotEqualTo(answer);
    }

    @Test
    void temperatureZeroTakesTheLikeliest() {
        String greedy = answer("--temp", "0", "-n", "30", "--ignore-eos");
        assertThat(answer("--top-k", "1", "-n", "30", "--ignore-eos")).isEqualTo(greedy);
        assertThat(answer("--samplers", "top_k", "--top-k", "1", "-n", "30", "--ignore-eos"))
                .isEqualTo(greedy);
        assertThat(answer("--temp", "0", "-n", "30", "--ignore-eos", "-ub", "1", "-t", "1"))
                .isEqualTo(greedy);
    }

    @Test
    void biasForbidsTokens() {
        String[] spacesAndAbs = {"-n", "30", "--ignore-eos", "-l", "0-inf", "-l", "4-inf", "-l", "5-inf", "-l", "6-inf"
        };
        assertThat(answer(spacesAndAbs)).matches("(?:ab| )*");
        List<String> all = new ArrayList<>(List.of("-n", "30"));
        for (int token = 0; token < 8; token++) {
            all.addAll(List.of("-l", token + "-inf"));
        }
        QuipuRun nothing = run(all.toArray(String[]::new));
        assertThat(nothing.exitCode()).isEqualTo(1);
        assertThat(nothing.err()).contains("no token can follow");
        QuipuRun beyond = run("-l", "8+1");
        assertThat(beyond.exitCode()).isNotZero();
        assertThat(beyond.err()).contains("token 8", "8 tokens");
    }

    @Test
    void endsWhereItIsTold() {
        assertThat(answer("-n", "0")).isEmpty();
        String whole = answer("--temp", "0", "-n", "30", "--ignore-eos");
        String stop = whole.substring(10, 12);
        assertThat(answer("--temp", "0", "-n", "30", "--ignore-eos", "-r", stop))
                .isEqualTo(whole.substring(0, whole.indexOf(stop)));
    }

    @Test
    void saysWhenTheContextIsFull() {
        QuipuRun run = run("-n", "-1", "--ignore-eos", "-c", "32");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("stopped: the context of 32 tokens is full");
        QuipuRun none = run("-c", "2");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("do not fit into the context of 2");
    }

    @Test
    void needsATemplateOrNone() {
        QuipuRun none = QuipuRun.of("run", "-m", model.toString(), "ab");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("no chat template", "--chat-template", "--raw");
        QuipuRun wrong = QuipuRun.of("run", "-m", model.toString(), "--chat-template", "{% if %}", "ab");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err().lines().filter(line -> line.startsWith("quipu: ")))
                .hasSize(1);
    }

    @Test
    void takesThePromptFromWhereItIs() throws IOException {
        Path file = Files.writeString(folder.resolve("prompt.txt"), "a\\nb");
        String expected = prompted("", "-p", "a\\nb");
        assertThat(prompted("a\\nb")).isEqualTo(expected);
        assertThat(prompted("a\\nb", "-f", "-")).isEqualTo(expected);
        assertThat(prompted("", "-f", file.toString())).isEqualTo(expected);
        assertThat(prompted("", "-p", "a\\nb", "-e")).isEqualTo(prompted("a\nb"));
        QuipuRun empty = QuipuRun.of("run", "-m", model.toString(), "--raw");
        assertThat(empty.exitCode()).isEqualTo(2);
        assertThat(empty.err()).contains("the prompt is empty");
    }

    private String prompted(String input, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "run", "-m", model.toString(), "--raw", "--temp", "0", "-n", "12", "--ignore-eos", "--no-perf"));
        arguments.addAll(List.of(more));
        QuipuRun run = QuipuRun.with(Map.of(), input, arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err().lines()).hasSize(1);
        return run.out();
    }

    private String answer(String... more) {
        QuipuRun run = run(more);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out().replaceFirst("\n$", "");
    }

    private QuipuRun run(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("run", "-m", model.toString(), "--raw", "--kernel", "scalar", "ab a"));
        arguments.addAll(List.of(more));
        return QuipuRun.of(arguments.toArray(String[]::new));
    }
}
