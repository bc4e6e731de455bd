package dev.quipu.runtime.model;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufWriter;
import dev.quipu.gguf.MetadataValue;
import dev.quipu.gguf.MetadataValue.BoolValue;
import dev.quipu.gguf.MetadataValue.FloatArray;
import dev.quipu.gguf.MetadataValue.FloatValue;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.StringArray;
import dev.quipu.gguf.MetadataValue.StringValue;
import dev.quipu.gguf.ValueType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The smallest whole Llama: one layer, 32 wide, two heads, eight tokens. Keys and tensors can be changed before it is written. */
public final class ModelFileBuilder {
    private static final long WIDTH = 32;
    private static final String[] TOKENS = {"<unk>", "<s>", "</s>", "▁", "a", "b", "▁a", "ab"};

    private record Tensor(GgmlType type, List<Long> shape, float[] elements) {}

    private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Random random = new Random(1);
    private final long width;
    private final GgmlType type;

    ModelFileBuilder() {
        this(WIDTH, GgmlType.Q8_0);
    }

    /**
     * @param width of the embedding; the feed-forward is twice as wide
     * @param type of all matrices
     */
    public ModelFileBuilder(long width, GgmlType type) {
        this.width = width;
        this.type = type;
        text("general.architecture", "llama");
        integer("llama.context_length", 64);
        integer("llama.embedding_length", width);
        integer("llama.block_count", 1);
        integer("llama.feed_forward_length", 2 * width);
        integer("llama.attention.head_count", 2);
        integer("llama.attention.head_count_kv", 1);
        number("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        text("tokenizer.ggml.model", "llama");
        metadata.put("tokenizer.ggml.tokens", new StringArray(TOKENS));
        metadata.put("tokenizer.ggml.scores", new FloatArray(new float[TOKENS.length]));
        metadata.put("tokenizer.ggml.token_type", new IntArray(ValueType.INT32, new int[] {2, 3, 3, 1, 1, 1, 1, 1}));
        integer("tokenizer.ggml.bos_token_id", 1);
        integer("tokenizer.ggml.eos_token_id", 2);
        metadata.put("tokenizer.ggml.add_bos_token", new BoolValue(true));
        tensor("token_embd.weight", type, width, TOKENS.length);
        tensor("output_norm.weight", GgmlType.F32, width);
        layer("blk.0.");
    }

    /** With so many layers. */
    ModelFileBuilder layers(int layers) {
        for (int layer = 1; layer < layers; layer++) {
            layer("blk." + layer + ".");
        }
        return integer("llama.block_count", layers);
    }

    /** With more layers, norms of 1, and queries so large that heads attend to few tokens. */
    static ModelFileBuilder attentive(int layers) {
        ModelFileBuilder model = new ModelFileBuilder().layers(layers);
        for (int layer = 0; layer < layers; layer++) {
            model.fill("blk." + layer + ".attn_norm.weight", 1);
            model.fill("blk." + layer + ".ffn_norm.weight", 1);
            model.scale("blk." + layer + ".attn_q.weight", 5);
        }
        return model.fill("output_norm.weight", 1);
    }

    private void layer(String prefix) {
        for (String norm : List.of("attn_norm", "ffn_norm")) {
            tensor(prefix + norm + ".weight", GgmlType.F32, width);
        }
        tensor(prefix + "attn_q.weight", type, width, width);
        tensor(prefix + "attn_k.weight", type, width, width / 2);
        tensor(prefix + "attn_v.weight", type, width, width / 2);
        tensor(prefix + "attn_output.weight", type, width, width);
        tensor(prefix + "ffn_gate.weight", type, width, 2 * width);
        tensor(prefix + "ffn_up.weight", type, width, 2 * width);
        tensor(prefix + "ffn_down.weight", type, 2 * width, width);
    }

    public ModelFileBuilder metadata(String key, MetadataValue value) {
        metadata.put(key, value);
        return this;
    }

    public ModelFileBuilder text(String key, String value) {
        return metadata(key, new StringValue(value));
    }

    public ModelFileBuilder integer(String key, long value) {
        return metadata(key, new IntegerValue(ValueType.INT64, value));
    }

    public ModelFileBuilder number(String key, double value) {
        return metadata(key, new FloatValue(ValueType.FLOAT64, value));
    }

    public ModelFileBuilder without(String keyOrTensor) {
        if (metadata.remove(keyOrTensor) == null && tensors.remove(keyOrTensor) == null) {
            throw new IllegalArgumentException(keyOrTensor + " is not there");
        }
        return this;
    }

    /** A tensor of random elements, added or in place of another. */
    public ModelFileBuilder tensor(String name, GgmlType type, long... shape) {
        List<Long> dimensions = java.util.Arrays.stream(shape).boxed().toList();
        float[] elements =
                new float[(int) dimensions.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (float) random.nextGaussian() / 8;
        }
        tensors.put(name, new Tensor(type, dimensions, elements));
        return this;
    }

    /** Gives the file another architecture: all keys of {@code llama} become its own. */
    public ModelFileBuilder architecture(String name) {
        Map<String, MetadataValue> renamed = new LinkedHashMap<>();
        metadata.forEach((key, value) -> renamed.put(key.replaceFirst("^llama\\.", name + "."), value));
        metadata.clear();
        metadata.putAll(renamed);
        return text("general.architecture", name);
    }

    /** Sets every element of a tensor. */
    public ModelFileBuilder fill(String name, float value) {
        java.util.Arrays.fill(tensors.get(name).elements(), value);
        return this;
    }

    private void scale(String name, float factor) {
        float[] elements = tensors.get(name).elements();
        for (int i = 0; i < elements.length; i++) {
            elements[i] *= factor;
        }
    }

    public void write(Path path) throws IOException {
        GgufWriter writer = new GgufWriter();
        metadata.forEach(writer::metadata);
        tensors.forEach((name, tensor) -> {
            int elements = tensor.elements().length;
            MemorySegment data =
                    MemorySegment.ofArray(new byte[(int) tensor.type().rowBytes(elements)]);
            tensor.type().quantize(tensor.elements(), 0, data, 0, elements);
            writer.tensor(name, tensor.type(), tensor.shape(), data);
        });
        writer.write(path);
    }
}
