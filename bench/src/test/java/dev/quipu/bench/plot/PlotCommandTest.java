package dev.quipu.bench.plot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.bench.BenchRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlotCommandTest {
    @TempDir
    Path folder;

    private static String row(String type, int prompt, int generated, int depth, int threads, double speed) {
        return ("{\"backends\": \"Java\", \"model_type\": \"llama 1B %s\", \"n_prompt\": %d, \"n_gen\": %d, \"n_depth\": %d,"
                        + " \"n_threads\": %d, \"avg_ts\": %s, \"stddev_ts\": 1.5, \"peer_median_ts\": %s}")
                .formatted(type, prompt, generated, depth, threads, speed, speed * 0.9);
    }

    @Test
    void drawsWhatThereAreSeveralOf() throws IOException {
        Path file = Files.writeString(
                folder.resolve("r.json"),
                "[" + row("Q4_0", 0, 128, 0, 2, 40) + ',' + row("Q4_0", 0, 128, 4096, 2, 30) + ','
                        + row("Q8_0", 0, 128, 0, 2, 25) + ',' + row("Q4_0", 0, 128, 0, 1, 22) + ']');
        Path stem = folder.resolve("t");
        BenchRun run = BenchRun.of("plot", file.toString(), "-o", stem.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .containsExactly(
                        stem + "-generation-depth.png",
                        stem + "-generation-depth.svg",
                        stem + "-generation-threads.png",
                        stem + "-generation-threads.svg",
                        stem + "-generation-model.png",
                        stem + "-generation-model.svg");
        assertThat(run.out().lines())
                .allSatisfy(name -> assertThat(Path.of(name)).isNotEmptyFile());
    }

    @Test
    void refusesToDrawOnePoint() throws IOException {
        Path file = Files.writeString(folder.resolve("r.json"), "[" + row("Q4_0", 512, 0, 0, 2, 40) + "]");
        BenchRun run = BenchRun.of("plot", file.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("nothing to draw");
    }

    @Test
    void namesTheFileThatIsNoResult() throws IOException {
        Path file = Files.writeString(folder.resolve("r.json"), "{not json");
        assertThat(BenchRun.of("plot", file.toString()).err()).contains("r.json: not what -o json writes");
    }
}
