package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.CompilationLog;
import dev.quipu.runtime.kernel.KernelChoice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A token costs no heap once the compiler has done its work, from the session's call to the logits, on all threads; and each
 * vector operation on the way has an instruction.
 */
class EvaluationAllocationTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "SCALAR"})
    void evaluatingATokenAllocatesNothing(KernelChoice choice) throws IOException, InterruptedException {
        Path file = folder.resolve("model.gguf");
        new ModelFileBuilder()
                .integer("llama.context_length", 4096)
                .tensor("blk.0.attn_q.weight", GgmlType.Q4_0, 32, 32)
                .tensor("blk.0.ffn_gate.weight", GgmlType.F16, 32, 64)
                .tensor("blk.0.ffn_up.weight", GgmlType.Q4_0, 32, 64)
                .write(file);
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
                EvaluationProbe.class.getName(),
                file.toString(),
                choice.text()));
        Process probe = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(probe.waitFor()).as(output).isZero();
        assertThat(output.lines().filter(line -> line.startsWith("bytes "))).containsExactly("bytes 0");
        assertThat(CompilationLog.read(log).fallbacks()).isEmpty();
    }
}
