package dev.quipu.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerCommandTest {
    @TempDir
    Path folder;

    @Test
    void splitsAtBlanksButNotInQuotes() {
        assertThat(PeerCommand.split(" a  'b c' \"d\"e ''")).containsExactly("a", "b c", "de", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"engine\": \"E\", \"pp_tok_s\": 12.5, \"tg_tok_s\": null}|64|0|12.5|E",
                "note {\"engine\": \"E\", \"pp_tok_s\": null, \"tg_tok_s\": 3}|0|16|3|E",
                "[{\"build_commit\": \"c\", \"n_prompt\": 64, \"n_gen\": 0, \"avg_ts\": 7.5}]|64|0|7.5|llama-bench c",
                "{\"build_commit\": \"c\", \"n_prompt\": 0, \"n_gen\": 16, \"avg_ts\": 8}|0|16|8|llama-bench c"
            })
    void readsBothForms(String output, int prompt, int generated, double speed, String engine) throws IOException {
        assertThat(PeerOutput.parse(output, prompt, generated)).isEqualTo(new PeerSpeed(engine, speed));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing to see|no JSON",
                "{\"pp_tok_s\": |cannot be read",
                "{\"pp_tok_s\": null}|speed is null",
                "[{\"n_prompt\": 1, \"n_gen\": 0, \"avg_ts\": 8}]|no result for 64"
            })
    void saysWhatIsWrongWithTheOutput(String output, String message) {
        assertThatThrownBy(() -> PeerOutput.parse(output, 64, 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void passesOnWhatIsMeasured() throws IOException {
        PeerCommand command = new PeerCommand(FakePeer.command());
        PeerSpeed speed = command.run(folder.resolve("a b.gguf"), 3, 64, 0, 16, "f16", "q8_0");
        assertThat(speed.engine())
                .isEqualTo(folder.resolve("a b.gguf") + " -t 3 -p 64 -n 0 -r 1 -d 16 -ctk f16 -ctv q8_0");
    }

    @Test
    void putsTheModelWhereItIsWanted() throws IOException {
        PeerCommand command = new PeerCommand(FakePeer.command() + " -m {model} -o json");
        assertThat(command.run(Path.of("m.gguf"), 1, 0, 4, 0, "f16", "f16").engine())
                .startsWith("-m m.gguf -o json -t 1");
    }

    @Test
    void reportsAPeerThatFails() {
        PeerCommand command = new PeerCommand(FakePeer.command() + " fail");
        assertThatThrownBy(() -> command.run(Path.of("m"), 1, 1, 0, 0, "f16", "f16"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the peer failed (3): told to");
    }
}
