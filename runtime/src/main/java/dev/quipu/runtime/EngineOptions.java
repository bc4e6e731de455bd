package dev.quipu.runtime;

import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import java.util.Optional;

/**
 * How a model computes.
 *
 * @param threads threads of its worker team, the calling one among them; 0 = one per physical core
 * @param kernel which vector width
 * @param precision what becomes of activations before they meet quantised weights
 * @param preTokenizer overrides the file's {@code tokenizer.ggml.pre}
 * @param warmUp whether kernels are compiled while the model is opened, and the first prompt waits for them: for a program
 *     that answers once. It takes effect where the JVM compiles kernels after a few calls, as the command quipu makes it do
 */
public record EngineOptions(
        int threads, KernelChoice kernel, Precision precision, Optional<String> preTokenizer, boolean warmUp) {
    private static final EngineOptions DEFAULTS =
            new EngineOptions(0, KernelChoice.AUTO, Precision.FAST, Optional.empty(), false);

    public EngineOptions {
        if (threads < 0 || threads > 1024) {
            throw new IllegalArgumentException("threads must be 0 to 1024, not " + threads);
        }
    }

    public static EngineOptions defaults() {
        return DEFAULTS;
    }

    public EngineOptions withThreads(int count) {
        return new EngineOptions(count, kernel, precision, preTokenizer, warmUp);
    }

    public EngineOptions withKernel(KernelChoice choice) {
        return new EngineOptions(threads, choice, precision, preTokenizer, warmUp);
    }

    public EngineOptions withPrecision(Precision choice) {
        return new EngineOptions(threads, kernel, choice, preTokenizer, warmUp);
    }

    public EngineOptions withPreTokenizer(String name) {
        return new EngineOptions(threads, kernel, precision, Optional.of(name), warmUp);
    }

    public EngineOptions withWarmUp(boolean on) {
        return new EngineOptions(threads, kernel, precision, preTokenizer, on);
    }
}
