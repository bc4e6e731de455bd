package dev.quipu.runtime.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.CompilationLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * As the decode kernels' test: after warm-up products of batches must allocate nothing, and C2 must have found an
 * instruction for each of their vector operations; with the JVM options of the launcher.
 */
final class BatchAllocationTest {
    @TempDir
    Path folder;

    static Stream<SimdWidth> widths() {
        return Stream.of(SimdWidth.W256, SimdWidth.W512).filter(SimdWidth::supported);
    }

    @ParameterizedTest
    @MethodSource("widths")
    void productsAllocateNothingAndHaveInstructions(SimdWidth width) throws IOException, InterruptedException {
        Path log = folder.resolve("compilations.xml");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(CompilationLog.options(log));
        command.addAll(List.of(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=inline,dev/quipu/runtime/kernel/Quants.*",
                "-cp",
                System.getProperty("java.class.path"),
                BatchAllocationProbe.class.getName(),
                width.name()));
        Process probe = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(probe.waitFor()).as(output).isZero();
        assertThat(output.lines().filter(line -> line.startsWith("bytes ")))
                .hasSize((int)
                        Stream.of(GgmlType.values()).filter(GgmlType::isWeight).count())
                .allMatch(line -> line.endsWith(" 0"));
        CompilationLog inspected = CompilationLog.read(log);
        assertThat(inspected.fallbacks()).isEmpty();
        assertThat(inspected.operations()).isGreaterThan(100);
    }
}
