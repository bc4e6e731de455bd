package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.ProbeRun;
import dev.quipu.runtime.kernel.KernelChoice;
import java.io.IOException;
import java.nio.file.Path;
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
        ProbeRun probe = ProbeRun.of(folder, List.of(), EvaluationProbe.class, file.toString(), choice.text());
        assertThat(probe.allocations()).containsExactly("bytes 0");
        assertThat(probe.log().fallbacks()).isEmpty();
    }
}
