package dev.quipu.runtime.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As the decode kernels' test: a vector that is boxed shows as allocation, so after warm-up products of batches must have none; with the JVM options of the launcher. */
final class BatchAllocationTest {
    static Stream<SimdWidth> widths() {
        return Stream.of(SimdWidth.W256, SimdWidth.W512).filter(SimdWidth::supported);
    }

    @ParameterizedTest
    @MethodSource("widths")
    void productsAllocateNothing(SimdWidth width) throws IOException, InterruptedException {
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                        "-XX:CompileCommand=quiet",
                        "-XX:CompileCommand=inline,dev/quipu/runtime/kernel/Quants.*",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BatchAllocationProbe.class.getName(),
                        width.name())
                .redirectErrorStream(true)
                .start();
        String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(probe.waitFor()).as(output).isZero();
        assertThat(output.lines().filter(line -> line.startsWith("bytes ")))
                .hasSize((int)
                        Stream.of(GgmlType.values()).filter(GgmlType::isWeight).count())
                .allMatch(line -> line.endsWith(" 0"));
    }
}
