package dev.quipu.runtime.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import dev.quipu.runtime.ProbeRun;
import java.io.IOException;
import java.nio.file.Path;
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
        List<String> inlined =
                List.of("-XX:CompileCommand=quiet", "-XX:CompileCommand=inline,dev/quipu/runtime/kernel/Quants.*");
        ProbeRun probe = ProbeRun.of(folder, inlined, BatchAllocationProbe.class, width.name());
        assertThat(probe.allocations())
                .hasSize((int)
                        Stream.of(GgmlType.values()).filter(GgmlType::isWeight).count())
                .allMatch(line -> line.endsWith(" 0"));
        assertThat(probe.log().fallbacks()).isEmpty();
        assertThat(probe.log().operations()).isGreaterThan(100);
    }
}
