package dev.quipu.runtime.model;

import dev.quipu.runtime.kernel.WeightMatrix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one layer ({@code blk.N.*}); e = embedding length, f = feed-forward length.
 *
 * @param attentionNorm float[e]
 * @param query rows = query channels, columns = e; its bias float[query channels]
 * @param key rows = key channels, columns = e
 * @param value rows = value channels, columns = e
 * @param output rows = e, columns = attention channels
 * @param feedForwardNorm float[e]
 * @param gate rows = f, columns = e
 * @param up rows = f, columns = e
 * @param down rows = e, columns = f
 */
record TransformerLayer(
        float[] attentionNorm,
        WeightMatrix query,
        float @Nullable [] queryBias,
        WeightMatrix key,
        float @Nullable [] keyBias,
        WeightMatrix value,
        float @Nullable [] valueBias,
        WeightMatrix output,
        float @Nullable [] outputBias,
        float[] feedForwardNorm,
        WeightMatrix gate,
        WeightMatrix up,
        WeightMatrix down) {
    List<WeightMatrix> matrices() {
        return List.of(query, key, value, output, gate, up, down);
    }

    long bytes() {
        return matrices().stream().mapToLong(m -> m.data().byteSize()).sum();
    }
}
