package dev.quipu.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A vector that is boxed shows as allocation, and so does a vector operation that a width has no instruction for: after
 * warm-up the kernels of every type and width must allocate nothing, run as the launcher runs them. Each width has a JVM to itself, as in use: profiles of
 * the Vector API's own methods are shared by all widths of a process.
 */
class AllocationTest {
    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "W128", "W256", "W512"})
    void kernelsAllocateNothing(KernelChoice choice) throws IOException, InterruptedException {
        if (DecodeKernelTest.supported(choice)) {
            Process probe = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--add-modules=jdk.incubator.vector",
                            "--enable-native-access=ALL-UNNAMED",
                            "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                            "-cp",
                            System.getProperty("java.class.path"),
                            AllocationProbe.class.getName(),
                            choice.name())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(probe.waitFor()).as(output).isZero();
            assertThat(output.lines().filter(line -> line.startsWith("bytes ")))
                    .hasSizeGreaterThanOrEqualTo(DecodeKernelTest.types().size())
                    .allMatch(line -> line.endsWith(" 0"));
        }
    }
}
