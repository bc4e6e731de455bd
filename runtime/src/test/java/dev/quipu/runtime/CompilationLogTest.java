package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The inspection of kernels would see an operation that no processor has an instruction for. */
final class CompilationLogTest {
    @TempDir
    Path folder;

    @Test
    void findsWhatIsLeftToJava() throws IOException, InterruptedException {
        ProbeRun probe = ProbeRun.of(folder, List.of(), FallbackProbe.class);
        assertThat(probe.log().operations()).isPositive();
        assertThat(probe.log().fallbacks())
                .isNotEmpty()
                .allMatch(fallback -> fallback.startsWith(FallbackProbe.class.getName() + " quotients"));
    }
}
