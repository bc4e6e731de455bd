package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The inspection of kernels would see an operation that no processor has an instruction for. */
final class CompilationLogTest {
    @TempDir
    Path folder;

    @Test
    void findsWhatIsLeftToJava() throws IOException, InterruptedException {
        Path log = folder.resolve("compilations.xml");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(CompilationLog.options(log));
        command.addAll(List.of(
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                FallbackProbe.class.getName()));
        Process probe = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertThat(probe.waitFor()).isZero();
        CompilationLog inspected = CompilationLog.read(log);
        assertThat(inspected.operations()).isPositive();
        assertThat(inspected.fallbacks())
                .isNotEmpty()
                .allMatch(fallback -> fallback.startsWith(FallbackProbe.class.getName() + " quotients"));
    }
}
