package dev.quipu.runtime.model;

import dev.quipu.runtime.kernel.WeightMatrix;
import java.util.List;

/**
 * All weights of a model: views of the mapped file, but for norms, biases and rotary factors, which are copied.
 *
 * @param embedding rows = vocabulary, columns = embedding length
 * @param outputNorm float[embedding length]
 * @param output rows = vocabulary, columns = embedding length; the embedding itself where the file ties them
 */
record TransformerWeights(
        WeightMatrix embedding, List<TransformerLayer> layers, Rope rope, float[] outputNorm, WeightMatrix output) {
    /** Bytes of the matrices that each token is multiplied with. */
    long bytes() {
        return layers.stream().mapToLong(TransformerLayer::bytes).sum()
                + output.data().byteSize();
    }
}
