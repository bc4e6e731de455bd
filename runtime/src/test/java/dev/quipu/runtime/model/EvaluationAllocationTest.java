package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.ProbeRun;
import dev.quipu.runtime.kernel.KernelChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Neither a token nor a batch costs heap once the compiler has done its work, from the session's call to the logits, on all
 * threads, whatever type keys and values have; and each vector operation on the way has an instruction: those of attention and
 * of the small steps as well as products. Each width has a JVM to itself, as in use.
 */
class EvaluationAllocationTest {
    @TempDir
    Path folder;

    static Stream<KernelChoice> kernels() {
        Stream<String> widths =
                Stream.of(SimdWidth.values()).filter(SimdWidth::supported).map(width -> Integer.toString(width.bits()));
        return Stream.concat(Stream.of("scalar"), widths).map(KernelChoice::parse);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void evaluatingAllocatesNothing(KernelChoice choice) throws IOException, InterruptedException {
        Path file = folder.resolve("model.gguf");
        new ModelFileBuilder(128, GgmlType.Q8_0)
                .integer("llama.context_length", 4096)
                .tensor("blk.0.attn_q.weight", GgmlType.Q4_0, 128, 128)
                .tensor("blk.0.ffn_gate.weight", GgmlType.F16, 128, 256)
                .tensor("blk.0.ffn_up.weight", GgmlType.Q4_0, 128, 256)
                .write(file);
        // As the launcher runs, but sooner, and with C2 as cautious as kernels are tested with.
        List<String> options = List.of(
                "-XX:CompileThresholdScaling=0.2",
                "-XX:PerMethodTrapLimit=20",
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=inline,dev/quipu/runtime/kernel/Quants.*",
                "-XX:CompileCommand=dontinline,dev/quipu/kvcache/attention/*.unpack");
        ProbeRun probe = ProbeRun.of(folder, options, EvaluationProbe.class, file.toString(), choice.text());
        assertThat(probe.allocations()).hasSize(2 * KvType.values().length).allSatisfy(line -> {
            String[] words = line.split(" ");
            assertThat(Integer.parseInt(words[3])).isBetween(0, words[2].equals("1") ? 0 : EvaluationProbe.CELLS);
        });
        assertThat(probe.log().fallbacks()).isEmpty();
        assertThat(probe.log().operations()).isGreaterThan(choice == KernelChoice.SCALAR ? -1 : 300);
    }
}
