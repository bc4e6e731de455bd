package dev.quipu.bench.throughput;

import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.SessionOptions;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import java.nio.file.Path;

/**
 * With what it is timed.
 *
 * @param threads 0 = one per physical core
 * @param batch most tokens handed over at a time
 * @param microBatch most tokens computed at a time
 */
record Setting(
        Path model,
        KernelChoice kernel,
        Precision precision,
        int threads,
        int batch,
        int microBatch,
        KvType keys,
        KvType values) {

    EngineOptions engine() {
        return EngineOptions.defaults().withThreads(threads).withKernel(kernel).withPrecision(precision);
    }

    SessionOptions session(Workload workload) {
        return SessionOptions.defaults()
                .withContextTokens(workload.depth() + workload.tokens())
                .withBatchTokens(Math.min(batch, microBatch))
                .withKeys(keys)
                .withValues(values);
    }

    /** Whether one open model can serve both. */
    boolean sharesModel(Setting other) {
        return model.equals(other.model) && engine().equals(other.engine());
    }
}
