package dev.quipu.cli.jar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GoldenFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The transcript of the README, through the built jar in default settings. */
final class JarAnswerIT {
    @Test
    void knowsTheCapitalOfFrance() throws IOException {
        Path model = GoldenFiles.require("models/SmolLM2-135M-Instruct.Q4_1.gguf");
        JarRun.Result run = JarRun.of("run", "-m", model, "--temp", 0, "What is the capital of France?");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("The capital of France is Paris.\n");
    }
}
