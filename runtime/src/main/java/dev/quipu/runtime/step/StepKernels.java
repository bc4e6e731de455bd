package dev.quipu.runtime.step;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import java.util.Optional;

/** Chooses the steps of a width. */
public final class StepKernels {
    private StepKernels() {}

    /** @param width empty = scalar */
    public static Steps of(Optional<SimdWidth> width) {
        return width.<Steps>map(w -> w.specialize(MethodHandles.lookup(), VectorSteps.class, Steps.class))
                .orElseGet(ScalarSteps::new);
    }
}
