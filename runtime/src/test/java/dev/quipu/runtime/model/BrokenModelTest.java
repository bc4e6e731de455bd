package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.MetadataValue.FloatArray;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.StringArray;
import dev.quipu.gguf.ValueType;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid GGUF files that are no models: what is wrong is named, with what was expected and found. */
final class BrokenModelTest {
    @TempDir
    Path folder;

    enum Flaw {
        ARCHITECTURE_MISSING("metadata key general.architecture is missing", m -> m.without("general.architecture")),
        ARCHITECTURE_A_NUMBER(
                "general.architecture is of type i64, expected a string", m -> m.integer("general.architecture", 1)),
        ARCHITECTURE_UNKNOWN(
                "general.architecture is 'mamba'; this runtime runs llama, qwen2",
                m -> m.text("general.architecture", "mamba")),
        CONTEXT_HUGE(
                "llama.context_length is 4294967296, expected 1 to 1073741824",
                m -> m.integer("llama.context_length", 1L << 32)),
        EMBEDDING_OF_ANOTHER_WIDTH(
                "tensor blk.0.attn_norm.weight has shape [32], expected [64]",
                m -> m.integer("llama.embedding_length", 64)),
        LAYERS_MORE_THAN_TENSORS("tensor blk.1.attn_norm.weight is missing", m -> m.integer("llama.block_count", 2)),
        LAYERS_ABSURD("llama.block_count is 1000000, expected 1 to", m -> m.integer("llama.block_count", 1_000_000)),
        HEADS_0("llama.attention.head_count is 0, expected 1 to", m -> m.integer("llama.attention.head_count", 0)),
        HEADS_NOT_DIVIDING_THE_WIDTH(
                "llama.embedding_length is 32, expected a multiple of attention.head_count = 3",
                m -> m.integer("llama.attention.head_count", 3)),
        HEADS_NOT_A_MULTIPLE_OF_KV_HEADS(
                "llama.attention.head_count is 8, expected a multiple of attention.head_count_kv = 3",
                m -> m.integer("llama.attention.head_count", 8).integer("llama.attention.head_count_kv", 3)),
        HEADS_THAT_DIFFER_BETWEEN_LAYERS(
                "llama.attention.head_count differs between layers (2, 4), expected one value",
                m -> m.metadata("llama.attention.head_count", new IntArray(ValueType.INT32, new int[] {2, 4}))),
        HEADS_AN_EMPTY_ARRAY(
                "llama.attention.head_count is an empty array",
                m -> m.metadata("llama.attention.head_count", new IntArray(ValueType.INT32, new int[0]))),
        KV_HEADS_0(
                "llama.attention.head_count_kv is 0, expected 1 to 2",
                m -> m.integer("llama.attention.head_count_kv", 0)),
        KV_HEADS_MORE_THAN_HEADS(
                "llama.attention.head_count_kv is 4, expected 1 to 2",
                m -> m.integer("llama.attention.head_count_kv", 4)),
        KEY_LENGTH_HUGE(
                "llama.attention.key_length is 1048576, expected 2 to 16384",
                m -> m.integer("llama.attention.key_length", 1 << 20)),
        KEY_LENGTH_OF_ANOTHER_SHAPE(
                "tensor blk.0.attn_q.weight has shape [32, 32], expected [32, 64]",
                m -> m.integer("llama.attention.key_length", 32)),
        VALUE_LENGTH_OF_ANOTHER_SHAPE(
                "tensor blk.0.attn_v.weight has shape [32, 16], expected [32, 8]",
                m -> m.integer("llama.attention.value_length", 8)),
        EPSILON_NAN(
                "llama.attention.layer_norm_rms_epsilon is NaN, expected a finite number",
                m -> m.number("llama.attention.layer_norm_rms_epsilon", Double.NaN)),
        EPSILON_LARGE(
                "llama.attention.layer_norm_rms_epsilon is 5.0, expected 0 to 1",
                m -> m.number("llama.attention.layer_norm_rms_epsilon", 5)),
        EXPERTS("llama.expert_count is set", m -> m.integer("llama.expert_count", 8)),
        ROPE_DIMENSIONS_ODD(
                "llama.rope.dimension_count is 15, expected an even number",
                m -> m.integer("llama.rope.dimension_count", 15)),
        ROPE_DIMENSIONS_MORE_THAN_A_HEAD(
                "llama.rope.dimension_count is 18, expected 2 to 16", m -> m.integer("llama.rope.dimension_count", 18)),
        ROPE_BASE_0("llama.rope.freq_base is 0.0, expected more than 0", m -> m.number("llama.rope.freq_base", 0)),
        ROPE_BASE_INFINITE(
                "llama.rope.freq_base is Infinity, expected a finite number",
                m -> m.number("llama.rope.freq_base", Double.POSITIVE_INFINITY)),
        ROPE_SCALING_UNKNOWN(
                "llama.rope.scaling.type is 'longrope', expected none, linear or yarn",
                m -> m.text("llama.rope.scaling.type", "longrope")),
        ROPE_FACTOR_NEGATIVE(
                "llama.rope.scaling.factor is -2.0, expected more than 0",
                m -> m.text("llama.rope.scaling.type", "linear").number("llama.rope.scaling.factor", -2)),
        ROPE_YARN_NAN("llama.rope.scaling.attn_factor is NaN, expected a finite number", m -> m.text(
                        "llama.rope.scaling.type", "yarn")
                .number("llama.rope.scaling.factor", 2)
                .number("llama.rope.scaling.attn_factor", Double.NaN)),
        ROPE_FACTORS_TOO_FEW(
                "tensor rope_freqs.weight has shape [7], expected [8]",
                m -> m.tensor("rope_freqs.weight", GgmlType.F32, 7)),
        ROPE_FACTORS_0(
                "tensor rope_freqs.weight holds 0.0, expected finite numbers above 0",
                m -> m.tensor("rope_freqs.weight", GgmlType.F32, 8).fill("rope_freqs.weight", 0)),

        NORM_OF_ANOTHER_SHAPE(
                "tensor output_norm.weight has shape [16, 2], expected [32]",
                m -> m.tensor("output_norm.weight", GgmlType.F32, 16, 2)),
        NORM_OF_INTEGERS(
                "tensor output_norm.weight is of type I32, which is not a weight type",
                m -> m.tensor("output_norm.weight", GgmlType.I32, 32)),
        MATRIX_TRANSPOSED(
                "tensor blk.0.ffn_down.weight has shape [32, 64], expected [64, 32]",
                m -> m.tensor("blk.0.ffn_down.weight", GgmlType.F32, 32, 64)),
        MATRIX_OF_INTEGERS(
                "tensor blk.0.attn_q.weight is of type I8, which is not a weight type",
                m -> m.tensor("blk.0.attn_q.weight", GgmlType.I8, 32, 32)),
        OUTPUT_OF_ANOTHER_VOCABULARY(
                "tensor output.weight has shape [32, 9], expected [32, 8]",
                m -> m.tensor("output.weight", GgmlType.F32, 32, 9)),
        BIAS_OF_ANOTHER_SHAPE(
                "tensor blk.0.attn_k.bias has shape [32], expected [16]",
                m -> m.tensor("blk.0.attn_k.bias", GgmlType.F32, 32)),
        KEYS_OF_ANOTHER_ARCHITECTURE(
                "metadata key qwen2.embedding_length is missing", m -> m.text("general.architecture", "qwen2")),

        VOCABULARY_LARGER_THAN_THE_EMBEDDING(
                "the tokenizer has 8 tokens, but token_embd.weight has 6 rows",
                m -> m.tensor("token_embd.weight", GgmlType.Q8_0, 32, 6)),
        VOCABULARY_EMPTY(
                "tokenizer.ggml.tokens is empty",
                m -> m.metadata("tokenizer.ggml.tokens", new StringArray(new String[0]))),
        SCORES_TOO_FEW(
                "tokenizer.ggml.scores has 3 elements, expected 8",
                m -> m.metadata("tokenizer.ggml.scores", new FloatArray(new float[3]))),
        TOKEN_TYPE_UNKNOWN(
                "tokenizer.ggml.token_type of token 3 is 9, expected 0 to 6",
                m -> m.metadata(
                        "tokenizer.ggml.token_type",
                        new IntArray(ValueType.INT32, new int[] {2, 3, 3, 9, 1, 1, 1, 1}))),
        TOKENIZER_UNKNOWN("tokenizer.ggml.model is 't5'", m -> m.text("tokenizer.ggml.model", "t5")),
        BOS_BEYOND_THE_VOCABULARY(
                "tokenizer.ggml.bos_token_id is 8, expected", m -> m.integer("tokenizer.ggml.bos_token_id", 8)),
        EOS_NEGATIVE("tokenizer.ggml.eos_token_id is -2, expected", m -> m.integer("tokenizer.ggml.eos_token_id", -2)),
        BOS_A_STRING(
                "tokenizer.ggml.bos_token_id is of type str, expected an integer",
                m -> m.text("tokenizer.ggml.bos_token_id", "<s>")),
        ADD_BOS_A_NUMBER(
                "tokenizer.ggml.add_bos_token is of type i64, expected a bool",
                m -> m.integer("tokenizer.ggml.add_bos_token", 1));

        private final String message;
        private final Consumer<ModelFileBuilder> change;

        Flaw(String message, Consumer<ModelFileBuilder> change) {
            this.message = message;
            this.change = change;
        }
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void isNamed(Flaw flaw) throws IOException {
        ModelFileBuilder builder = new ModelFileBuilder();
        flaw.change.accept(builder);
        Path path = folder.resolve("broken.gguf");
        builder.write(path);
        assertThatThrownBy(() -> Model.open(path).close())
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(flaw.message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama.context_length",
                "llama.embedding_length",
                "llama.block_count",
                "llama.feed_forward_length",
                "llama.attention.head_count",
                "llama.attention.layer_norm_rms_epsilon"
            })
    void isNamedWhereAKeyIsMissingOrNoNumberOrOutOfRange(String key) throws IOException {
        Path path = folder.resolve("broken.gguf");
        new ModelFileBuilder().without(key).write(path);
        assertThatThrownBy(() -> Model.open(path).close())
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("metadata key " + key + " is missing");
        new ModelFileBuilder().text(key, "many").write(path);
        assertThatThrownBy(() -> Model.open(path).close())
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith("metadata key " + key + " is of type str, expected a");
        for (long value : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32}) {
            new ModelFileBuilder().integer(key, value).write(path);
            assertThatThrownBy(() -> Model.open(path).close())
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageStartingWith(key + " is ");
        }
    }

    @Test
    void aWholeModelOpens() throws IOException {
        Path path = folder.resolve("whole.gguf");
        new ModelFileBuilder().write(path);
        try (Model model = Model.open(path)) {
            assertThat(model.config().layers()).isEqualTo(1);
            assertThat(model.tokenizer().vocabularySize()).isEqualTo(8);
        }
    }
}
