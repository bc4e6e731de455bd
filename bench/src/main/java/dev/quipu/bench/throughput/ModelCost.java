package dev.quipu.bench.throughput;

import dev.quipu.gguf.GgufFile;
import dev.quipu.gguf.TensorInfo;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What one token costs, by the sizes in the file.
 *
 * @param weightBytes read for a generated token: all tensors, but not the embeddings if the output has its own
 * @param layerProducts multiply-adds of a token with the matrices of all layers
 * @param outputProducts multiply-adds of a token with the output matrix
 */
record ModelCost(long weightBytes, long layerProducts, long outputProducts) {
    private static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";

    static ModelCost of(Path path) throws IOException {
        try (GgufFile file = GgufFile.open(path)) {
            List<TensorInfo> tensors = file.tensors();
            boolean tied = file.tensor(OUTPUT).isEmpty();
            TensorInfo output = file.tensor(tied ? EMBEDDING : OUTPUT).orElseThrow();
            long bytes = 0;
            long products = 0;
            for (TensorInfo tensor : tensors) {
                boolean embedding = tensor.name().equals(EMBEDDING);
                bytes += embedding && !tied ? 0 : tensor.bytes();
                boolean layers = tensor.shape().size() == 2
                        && !embedding
                        && !tensor.name().equals(OUTPUT);
                products += layers ? tensor.elements() : 0;
            }
            return new ModelCost(bytes, products, output.elements());
        }
    }

    /** Bytes read per generated token, on average over the workload: weights, and the keys and values so far. */
    double bytesPerToken(ModelConfig config, Setting setting, Workload workload) {
        double cell = (double) config.layers()
                * (config.keyChannels() * bytesPerElement(setting.keys())
                        + config.valueChannels() * bytesPerElement(setting.values()));
        double positions = workload.depth() + (workload.generated() + 1) / 2.0;
        return weightBytes + cell * positions;
    }

    /** Quantised rows have a 16-bit scale for each 32 elements. */
    private static double bytesPerElement(KvType type) {
        return switch (type) {
            case F32 -> 4;
            case F16 -> 2;
            case Q8_0 -> 34 / 32.0;
            case Q4_0 -> 18 / 32.0;
        };
    }

    /** Multiply-adds per prompt token: matrices of the layers, causal attention, the output once per batch. */
    double productsPerToken(ModelConfig config, Setting setting, Workload workload) {
        double positions = workload.depth() + (workload.prompt() + 1) / 2.0;
        double attention =
                (double) config.layers() * config.heads() * (config.keyLength() + config.valueLength()) * positions;
        double outputs = Math.ceil((double) workload.prompt() / setting.batch());
        return layerProducts + attention + outputProducts * outputs / workload.prompt();
    }
}
