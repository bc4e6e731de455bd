package dev.quipu.kvcache;

import dev.quipu.kvcache.simd.SimdWidth;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Every set of kernels that runs here: scalar, and each width the processor has. */
final class KernelChoices {
    private KernelChoices() {}

    static Stream<Optional<SimdWidth>> all() {
        return Stream.concat(
                Stream.of(Optional.empty()),
                Arrays.stream(SimdWidth.values()).filter(SimdWidth::supported).map(Optional::of));
    }
}
