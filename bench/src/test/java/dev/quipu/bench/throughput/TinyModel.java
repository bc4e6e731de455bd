package dev.quipu.bench.throughput;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufWriter;
import dev.quipu.gguf.MetadataValue;
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
import java.util.List;
import java.util.Random;

/** One layer, 32 wide, two heads over one KV head, eight tokens, all in Q8_0 but the norms; output tied to the embedding. */
final class TinyModel {
    static final long NORMS_BYTES = 3 * 32 * 4;
    static final long EMBEDDING = 8 * 32;
    static final long LAYER = 32 * 32 * 2 + 32 * 16 * 2 + 32 * 64 * 3;

    private TinyModel() {}

    static Path write(Path path) throws IOException {
        String[] tokens = {"<unk>", "<s>", "</s>", "▁", "a", "b", "▁a", "ab"};
        GgufWriter writer = new GgufWriter();
        writer.metadata("general.architecture", new StringValue("llama"));
        writer.metadata("llama.context_length", integer(64));
        writer.metadata("llama.embedding_length", integer(32));
        writer.metadata("llama.block_count", integer(1));
        writer.metadata("llama.feed_forward_length", integer(64));
        writer.metadata("llama.attention.head_count", integer(2));
        writer.metadata("llama.attention.head_count_kv", integer(1));
        writer.metadata("llama.attention.layer_norm_rms_epsilon", new FloatValue(ValueType.FLOAT32, 1e-5f));
        writer.metadata("tokenizer.ggml.model", new StringValue("llama"));
        writer.metadata("tokenizer.ggml.tokens", new StringArray(tokens));
        writer.metadata("tokenizer.ggml.scores", new FloatArray(new float[tokens.length]));
        writer.metadata("tokenizer.ggml.token_type", new IntArray(ValueType.INT32, new int[] {2, 3, 3, 1, 1, 1, 1, 1}));
        writer.metadata("tokenizer.ggml.bos_token_id", integer(1));
        writer.metadata("general.file_type", integer(7));
        Random random = new Random(1);
        tensor(writer, random, "token_embd", GgmlType.Q8_0, 32, 8);
        for (String norm : List.of("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")) {
            tensor(writer, random, norm, GgmlType.F32, 32);
        }
        tensor(writer, random, "blk.0.attn_q", GgmlType.Q8_0, 32, 32);
        tensor(writer, random, "blk.0.attn_k", GgmlType.Q8_0, 32, 16);
        tensor(writer, random, "blk.0.attn_v", GgmlType.Q8_0, 32, 16);
        tensor(writer, random, "blk.0.attn_output", GgmlType.Q8_0, 32, 32);
        tensor(writer, random, "blk.0.ffn_gate", GgmlType.Q8_0, 32, 64);
        tensor(writer, random, "blk.0.ffn_up", GgmlType.Q8_0, 32, 64);
        tensor(writer, random, "blk.0.ffn_down", GgmlType.Q8_0, 64, 32);
        writer.write(path);
        return path;
    }

    private static MetadataValue integer(long value) {
        return new IntegerValue(ValueType.UINT32, value);
    }

    private static void tensor(GgufWriter writer, Random random, String name, GgmlType type, long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / 8;
        }
        MemorySegment data = MemorySegment.ofArray(new byte[(int) type.rowBytes(count)]);
        type.quantize(values, 0, data, 0, count);
        writer.tensor(name + ".weight", type, Arrays.stream(shape).boxed().toList(), data);
    }
}
