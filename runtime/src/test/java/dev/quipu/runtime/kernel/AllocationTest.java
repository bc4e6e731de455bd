package dev.quipu.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.runtime.CompilationLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A vector that is boxed shows as allocation: after warm-up the kernels of every type and width must allocate nothing, and
 * C2 must have found an instruction for each of their vector operations, run as the launcher runs them. Each width has a
 * JVM to itself, as in use: profiles of the Vector API's own methods are shared by all widths of a process.
 */
class AllocationTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "W128", "W256", "W512"})
    void kernelsAllocateNothingAndHaveInstructions(KernelChoice choice) throws IOException, InterruptedException {
        if (DecodeKernelTest.supported(choice)) {
            Path log = folder.resolve("compilations.xml");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(CompilationLog.options(log));
            command.addAll(List.of(
                    "--add-modules=jdk.incubator.vector",
                    "--enable-native-access=ALL-UNNAMED",
                    "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                    "-cp",
                    System.getProperty("java.class.path"),
                    AllocationProbe.class.getName(),
                    choice.name()));
            Process probe =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(probe.waitFor()).as(output).isZero();
            assertThat(output.lines().filter(line -> line.startsWith("bytes ")))
                    .hasSizeGreaterThanOrEqualTo(DecodeKernelTest.types().size())
                    .allMatch(line -> line.endsWith(" 0"));
            CompilationLog inspected = CompilationLog.read(log);
            assertThat(inspected.fallbacks()).isEmpty();
            assertThat(inspected.operations()).isGreaterThan(choice == KernelChoice.SCALAR ? -1 : 20);
        }
    }
}
