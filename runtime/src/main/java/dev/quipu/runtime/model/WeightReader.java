package dev.quipu.runtime.model;

import dev.quipu.gguf.GgufFile;
import dev.quipu.gguf.TensorInfo;
import dev.quipu.runtime.ModelFormatException;
import dev.quipu.runtime.kernel.WeightMatrix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds a model's tensors in its file, and says which is missing or has the wrong shape. */
final class WeightReader {
    private final GgufFile file;

    WeightReader(GgufFile file) {
        this.file = file;
    }

    /** Rows of the token embedding: the size of the vocabulary. */
    int vocabularySize() throws ModelFormatException {
        long rows = info("token_embd.weight").rows();
        if (rows < 1 || rows > 1 << 24) {
            throw new ModelFormatException("token_embd.weight has " + rows + " rows, expected 1 to " + (1 << 24));
        }
        return (int) rows;
    }

    TransformerWeights read(ModelConfig c, Architecture architecture) throws ModelFormatException {
        int embedding = c.embeddingLength();
        List<TransformerLayer> layers = new ArrayList<>(c.layers());
        for (int i = 0; i < c.layers(); i++) {
            layers.add(layer("blk." + i + ".", c, architecture));
        }
        WeightMatrix tokens = matrix("token_embd.weight", c.vocabularySize(), embedding);
        WeightMatrix output = file.tensor("output.weight").isPresent()
                ? matrix("output.weight", c.vocabularySize(), embedding)
                : tokens;
        float[] factors = ropeFactors(c.ropeDimensions() / 2);
        return new TransformerWeights(
                tokens, layers, new Rope(c, factors), vector("output_norm.weight", embedding), output);
    }

    private TransformerLayer layer(String prefix, ModelConfig c, Architecture architecture)
            throws ModelFormatException {
        int embedding = c.embeddingLength();
        boolean bias = architecture.requiresBias();
        return new TransformerLayer(
                vector(prefix + "attn_norm.weight", embedding),
                matrix(prefix + "attn_q.weight", c.queryChannels(), embedding),
                bias(prefix + "attn_q.bias", c.queryChannels(), bias),
                matrix(prefix + "attn_k.weight", c.keyChannels(), embedding),
                bias(prefix + "attn_k.bias", c.keyChannels(), bias),
                matrix(prefix + "attn_v.weight", c.valueChannels(), embedding),
                bias(prefix + "attn_v.bias", c.valueChannels(), bias),
                matrix(prefix + "attn_output.weight", embedding, c.attentionChannels()),
                bias(prefix + "attn_output.bias", embedding, false),
                vector(prefix + "ffn_norm.weight", embedding),
                matrix(prefix + "ffn_gate.weight", c.feedForwardLength(), embedding),
                matrix(prefix + "ffn_up.weight", c.feedForwardLength(), embedding),
                matrix(prefix + "ffn_down.weight", embedding, c.feedForwardLength()));
    }

    /** What frequencies are divided by, if the file says so: float[pairs]. */
    private float @Nullable [] ropeFactors(int pairs) throws ModelFormatException {
        float[] factors = optionalVector("rope_freqs.weight", pairs);
        for (int i = 0; factors != null && i < pairs; i++) {
            if (!(factors[i] > 0 && factors[i] < Float.POSITIVE_INFINITY)) {
                throw new ModelFormatException(
                        "tensor rope_freqs.weight holds " + factors[i] + ", expected finite numbers above 0");
            }
        }
        return factors;
    }

    private static void requireWeight(TensorInfo info) throws ModelFormatException {
        if (!info.type().isWeight()) {
            throw new ModelFormatException(
                    "tensor " + info.name() + " is of type " + info.type() + ", which is not a weight type");
        }
    }

    private TensorInfo info(String name) throws ModelFormatException {
        return file.tensor(name).orElseThrow(() -> new ModelFormatException("tensor " + name + " is missing"));
    }

    private WeightMatrix matrix(String name, int rows, int columns) throws ModelFormatException {
        TensorInfo info = info(name);
        if (info.columns() != columns || info.rows() != rows) {
            throw new ModelFormatException(
                    "tensor " + name + " has shape " + info.shape() + ", expected [" + columns + ", " + rows + "]");
        }
        requireWeight(info);
        return new WeightMatrix(name, info.type(), rows, columns, info.rowBytes(), file.data(info));
    }

    private float @Nullable [] bias(String name, int length, boolean required) throws ModelFormatException {
        return required ? vector(name, length) : optionalVector(name, length);
    }

    private float @Nullable [] optionalVector(String name, int length) throws ModelFormatException {
        return file.tensor(name).isPresent() ? vector(name, length) : null;
    }

    private float[] vector(String name, int length) throws ModelFormatException {
        TensorInfo info = info(name);
        requireWeight(info);
        if (info.columns() != length || info.rows() != 1) {
            throw new ModelFormatException(
                    "tensor " + name + " has shape " + info.shape() + ", expected [" + length + "]");
        }
        float[] values = new float[length];
        info.type().dequantize(file.data(info), 0, values, 0, length);
        return values;
    }
}
