package dev.quipu.runtime.model;

import dev.quipu.kvcache.OutputProjection;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.WeightMatrix;
import java.util.List;

/** The output projections of all layers as eviction wants them: a query head's columns, as floats. */
final class AttentionOutput implements OutputProjection {
    private final ModelConfig config;
    private final List<TransformerLayer> layers;
    private final Kernels kernels;

    AttentionOutput(ModelConfig config, List<TransformerLayer> layers, Kernels kernels) {
        this.config = config;
        this.layers = layers;
        this.kernels = kernels;
    }

    @Override
    public int width() {
        return config.embeddingLength();
    }

    @Override
    public void slice(int layer, int head, float[] slice) {
        WeightMatrix output = layers.get(layer).output();
        int dim = config.valueLength();
        int block = output.type().blockElements();
        int first = head * dim / block * block;
        int skipped = head * dim - first;
        int span = (skipped + dim + block - 1) / block * block;
        long offset = (long) first / block * output.type().blockBytes();
        boolean whole = span == dim;
        float[] blocks = whole ? slice : new float[span];
        for (int row = 0; row < output.rows(); row++) {
            int to = whole ? row * dim : 0;
            kernels.of(output.type()).unpack(output.data(), row * output.rowBytes() + offset, blocks, to, span);
            if (!whole) {
                System.arraycopy(blocks, skipped, slice, row * dim, dim);
            }
        }
    }
}
