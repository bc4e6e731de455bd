package dev.quipu.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.runtime.ProbeRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A vector that is boxed shows as allocation: after warm-up the kernels of every type and width must allocate nothing, and
 * C2 must have found an instruction for each of their vector operations, run as the launcher runs them. Each width has a
 * JVM to itself, as in use: profiles of the Vector API's own methods are shared by all widths of a process.
 *
 * <p>Where what C2 inlines has often been deoptimised because a branch was taken for the first time, it compiles branches that
 * were never taken, and boxes vectors that are needed on either way. Whether a process gets there differs from start to start,
 * as everything in it counts, so here C2 is as cautious after a few times as it otherwise is after a hundred.
 */
class AllocationTest {
    private static final List<String> CAUTIOUS = List.of("-XX:PerMethodTrapLimit=20");

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "W128", "W256", "W512"})
    void kernelsAllocateNothingAndHaveInstructions(KernelChoice choice) throws IOException, InterruptedException {
        if (DecodeKernelTest.supported(choice)) {
            ProbeRun probe = ProbeRun.of(folder, CAUTIOUS, AllocationProbe.class, choice.name());
            assertThat(probe.allocations())
                    .hasSizeGreaterThanOrEqualTo(DecodeKernelTest.types().size())
                    .allMatch(line -> line.endsWith(" 0"));
            assertThat(probe.log().fallbacks()).isEmpty();
            assertThat(probe.log().operations()).isGreaterThan(choice == KernelChoice.SCALAR ? -1 : 20);
        }
    }
}
