package dev.quipu.bench.eviction;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufWriter;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A Llama of two layers, four query heads over two KV heads, random weights, and a token for each printable character. */
final class SmallModel {
    static final int LAYERS = 2;
    static final int HEADS = 4;
    static final int KV_HEADS = 2;
    static final int DIM = 16;
    static final int WIDTH = HEADS * DIM;

    private static final int CHARACTERS = 95;

    private SmallModel() {}

    /** Writes the file and returns its weights by name, as in the file: rows one after another. */
    static Map<String, float[]> write(Path path) throws IOException {
        Map<String, float[]> weights = new HashMap<>();
        GgufWriter writer = new GgufWriter();
        Random random = new Random(3);
        writer.metadata("general.architecture", new StringValue("llama"));
        integer(writer, "llama.context_length", 4096);
        integer(writer, "llama.embedding_length", WIDTH);
        integer(writer, "llama.block_count", LAYERS);
        integer(writer, "llama.feed_forward_length", 64);
        integer(writer, "llama.attention.head_count", HEADS);
        integer(writer, "llama.attention.head_count_kv", KV_HEADS);
        writer.metadata("llama.attention.layer_norm_rms_epsilon", new FloatValue(ValueType.FLOAT32, 1e-5f));
        tokens(writer);
        tensor(weights, writer, random, "token_embd.weight", 1, WIDTH, 4 + CHARACTERS);
        tensor(weights, writer, random, "output_norm.weight", 1, WIDTH);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            tensor(weights, writer, random, prefix + "attn_norm.weight", 1, WIDTH);
            tensor(weights, writer, random, prefix + "ffn_norm.weight", 1, WIDTH);
            tensor(weights, writer, random, prefix + "attn_q.weight", 0.3, WIDTH, WIDTH);
            tensor(weights, writer, random, prefix + "attn_k.weight", 0.3, WIDTH, KV_HEADS * DIM);
            tensor(weights, writer, random, prefix + "attn_v.weight", 0.3, WIDTH, KV_HEADS * DIM);
            tensor(weights, writer, random, prefix + "attn_output.weight", 0.3, WIDTH, WIDTH);
            tensor(weights, writer, random, prefix + "ffn_gate.weight", 0.1, WIDTH, 64);
            tensor(weights, writer, random, prefix + "ffn_up.weight", 0.1, WIDTH, 64);
            tensor(weights, writer, random, prefix + "ffn_down.weight", 0.1, 64, WIDTH);
        }
        writer.write(path);
        return weights;
    }

    private static void tokens(GgufWriter writer) {
        String[] texts = new String[4 + CHARACTERS];
        int[] types = new int[texts.length];
        Arrays.fill(types, 1);
        for (int i = 0; i < CHARACTERS; i++) {
            texts[4 + i] = i == 0 ? "▁" : Character.toString(' ' + i);
        }
        texts[0] = "<unk>";
        texts[1] = "<s>";
        texts[2] = "</s>";
        texts[3] = "<0x0A>";
        types[0] = 2;
        types[1] = 3;
        types[2] = 3;
        types[3] = 6;
        writer.metadata("tokenizer.ggml.model", new StringValue("llama"));
        writer.metadata("tokenizer.ggml.tokens", new StringArray(texts));
        writer.metadata("tokenizer.ggml.scores", new FloatArray(new float[texts.length]));
        writer.metadata("tokenizer.ggml.token_type", new IntArray(ValueType.INT32, types));
        integer(writer, "tokenizer.ggml.bos_token_id", 1);
        integer(writer, "tokenizer.ggml.eos_token_id", 2);
        writer.metadata("tokenizer.ggml.add_bos_token", new BoolValue(true));
    }

    private static void integer(GgufWriter writer, String key, long value) {
        writer.metadata(key, new IntegerValue(ValueType.INT64, value));
    }

    private static void tensor(
            Map<String, float[]> weights,
            GgufWriter writer,
            Random random,
            String name,
            double deviation,
            long... shape) {
        float[] elements = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (float) (random.nextGaussian() * deviation);
        }
        weights.put(name, elements);
        MemorySegment data = MemorySegment.ofArray(new byte[4 * elements.length]);
        GgmlType.F32.quantize(elements, 0, data, 0, elements.length);
        List<Long> dimensions = Arrays.stream(shape).boxed().toList();
        writer.tensor(name, GgmlType.F32, dimensions, data);
    }
}
