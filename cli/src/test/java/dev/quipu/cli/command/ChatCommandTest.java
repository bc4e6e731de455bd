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

/** A conversation from a pipe with a model of eight tokens, which speaks nonsense. */
final class ChatCommandTest {
    @TempDir
    Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model.gguf");
        new ModelFileBuilder(32, GgmlType.Q8_0)
                .integer("llama.context_length", 4096)
                .write(model);
    }

    @Test
    void answersTheSameAgain() {
        QuipuRun run = chat("ab a b\n/regen\n/regen\nb\n/regen\n");
        List<String> answers = run.out().lines().toList();
        assertThat(answers).hasSize(5);
        assertThat(answers.get(1)).isEqualTo(answers.get(0));
        assertThat(answers.get(2)).isEqualTo(answers.get(0));
        assertThat(answers.get(4)).isEqualTo(answers.get(3));
    }

    @Test
    void goesOnWhereItWasSaved() {
        Path saved = folder.resolve("saved.json");
        String begun = "ab a\n/save " + saved + "\n";
        QuipuRun whole = chat(begun + "b b\n");
        QuipuRun continued = chat("/load " + saved + "\nb b\n");
        assertThat(continued.err()).contains("loaded 2 messages");
        assertThat(continued.out().lines())
                .containsExactly(whole.out().lines().toList().getLast());
    }

    @Test
    void forgetsWhenAsked() {
        assertThat(chat("ab\n/clear\n/context\n").err()).contains("the conversation is forgotten", "0 of 4096 tokens");
        assertThat(chat("ab\n/system a\n/context\n").err()).contains("begun anew", "0 of 4096 tokens");
        assertThat(chat("/regen\n").err()).contains("nothing to answer again");
    }

    @Test
    void saysWhatIsWrongAndGoesOn() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.json"), "{]");
        QuipuRun run = chat("/load " + folder.resolve("absent") + "\n/load " + broken + "\n/save\n/save " + folder
                + "\n/read " + folder + "\n/nonsense\nab\n");
        assertThat(run.err())
                .contains("no such file: " + folder.resolve("absent"))
                .contains("is not a saved conversation")
                .contains("/save: which file?")
                .contains("is a folder")
                .contains("unknown command /nonsense")
                .doesNotContain("\tat ");
        assertThat(run.out().lines()).hasSize(1);
    }

    @Test
    void keepsTheConversationThatDoesNotFit() {
        QuipuRun run = chat("ab\n" + "a b ".repeat(5000) + "\nb\n");
        assertThat(run.err()).contains("do not fit into the context of 4096; the message was not sent");
        assertThat(run.out().lines()).hasSize(2);
    }

    @Test
    void sendsNothingThatTheTemplateRefuses() {
        QuipuRun run = chat("ab\nab\n", "--chat-template", "{{ raise_exception('no talking') }}");
        assertThat(run.err()).contains("no talking", "the message was not sent");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void takesMessagesOfSeveralLines() {
        QuipuRun run = chat("\"\"\"a\nb\"\"\"\na\\\nb\n");
        assertThat(run.out().lines()).hasSize(2);
    }

    private QuipuRun chat(String input, String... more) {
        List<String> arguments = new ArrayList<>(List.of("chat", "-m", model.toString(), "-n", "8", "--temp", "0"));
        arguments.addAll(more.length == 0 ? List.of("--chat-template", "chatml") : List.of(more));
        QuipuRun run = QuipuRun.with(Map.of(), input, arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }
}
