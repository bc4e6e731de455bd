package dev.quipu.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.cli.QuipuRun;
import dev.quipu.gguf.GoldenFiles;
import dev.quipu.runtime.Nmse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens from the command line or a file, logits to a file. */
final class EvalCommandTest {
    @TempDir
    Path folder;

    private Path golden;
    private String tokens = "";

    @BeforeEach
    void readTokens() throws IOException {
        golden = GoldenFiles.require("golden/tiny");
        Matcher matcher = Pattern.compile("\"tokens\"\\s*:\\s*(\\[[^\\]]*])")
                .matcher(Files.readString(golden.resolve("index.json")));
        assertThat(matcher.find()).isTrue();
        tokens = matcher.group(1);
    }

    @Test
    void takesTokensFromAFileInWhateverLinesItHas() throws IOException {
        Path ids = Files.writeString(folder.resolve("ids.json"), tokens.replace(",", ",\n "));
        assertThat(nmse("tiny-Q4_0", "@" + ids)).isLessThan(1e-9);
    }

    @Test
    void takesTokensFromTheCommandLine() throws IOException {
        assertThat(nmse("tiny-F32", tokens.replaceAll("[\\[\\]\\s]", ""))).isLessThan(1e-9);
    }

    @Test
    void namesATokensFileThatIsNotThere() {
        QuipuRun run = eval("tiny-F32", "@" + folder.resolve("absent.json"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains("absent.json");
        assertThat(folder).isEmptyDirectory();
    }

    private QuipuRun eval(String model, String ids) {
        return QuipuRun.of(
                "eval",
                "-m",
                golden.resolve(model + ".gguf").toString(),
                "--tokens",
                ids,
                "-o",
                folder.resolve("out.f32").toString());
    }

    private double nmse(String model, String ids) throws IOException {
        QuipuRun run = eval(model, ids);
        assertThat(run.exitCode()).as(run.err()).isZero();
        FloatBuffer actual = floats(folder.resolve("out.f32"));
        FloatBuffer expected = floats(golden.resolve(model + ".logits.f32"));
        assertThat(actual.remaining()).isEqualTo(expected.remaining());
        Nmse nmse = new Nmse();
        while (expected.hasRemaining()) {
            nmse.add(actual.get(), expected.get());
        }
        return nmse.value();
    }

    private static FloatBuffer floats(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
    }
}
