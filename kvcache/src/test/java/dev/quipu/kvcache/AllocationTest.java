package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A boxed vector shows as allocation: after warm-up the kernels of every width and type must allocate nothing. Each width
 * has a JVM to itself, as in use: profiles of the Vector API's own methods are shared by all widths of a process.
 */
class AllocationTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 128, 256, 512})
    void attentionAllocatesNothing(int bits) throws IOException, InterruptedException {
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:CompileThresholdScaling=0.1",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AllocationProbe.class.getName(),
                        Integer.toString(bits))
                .redirectErrorStream(true)
                .start();
        String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(probe.waitFor()).as(output).isZero();
        assertThat(output.lines().filter(line -> line.startsWith("bytes ")))
                .isNotEmpty()
                .allMatch(line -> line.endsWith(" 0"));
    }
}
