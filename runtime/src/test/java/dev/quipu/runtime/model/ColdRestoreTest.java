package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.ProbeRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A session goes on in another process as it would have in its own, bit by bit, though there nothing is compiled yet. */
final class ColdRestoreTest {
    @TempDir
    Path folder;

    static Stream<SimdWidth> widths() {
        return Stream.of(SimdWidth.values()).filter(SimdWidth::supported);
    }

    @ParameterizedTest
    @MethodSource("widths")
    void interpretedCodeComputesWhatCompiledCodeDoes(SimdWidth width) throws IOException, InterruptedException {
        Path model = folder.resolve("model.gguf");
        new ModelFileBuilder(64, GgmlType.Q4_0)
                .integer("llama.context_length", 512)
                .write(model);
        String kernel = Integer.toString(width.bits());
        String session = folder.resolve("session.kv").toString();
        String compiled = ProbeRun.of(folder, List.of(), RestoreProbe.class, model.toString(), kernel, session, "save")
                .output();
        String interpreted = ProbeRun.of(
                        folder, List.of("-Xint"), RestoreProbe.class, model.toString(), kernel, session, "restore")
                .output();
        assertThat(interpreted).contains("[").isEqualTo(compiled);
    }
}
