package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufFile;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.model.ModelFileBuilder;
import dev.quipu.runtime.model.ReferenceTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small random models of every type and variant against the forward pass in double precision; needs no other files. */
final class FixtureExactnessTest {
    /** Two panels of 32 and a rest; one and a rest where kernels, not variants, are what differs. */
    private static final int[] TOKENS = tokens(70);

    private static final int[] FEW_TOKENS = tokens(34);

    @TempDir
    Path folder;

    private static int[] tokens(int count) {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = (i * 5 + i / 3) % 8;
        }
        return tokens;
    }

    enum Variant {
        PLAIN(m -> m),
        TWO_LAYERS_OF_FULL_HEADS(m -> {
            for (String norm : List.of("attn_norm", "ffn_norm")) {
                m.tensor("blk.1." + norm + ".weight", GgmlType.F32, 64);
            }
            for (int layer = 0; layer < 2; layer++) {
                for (String name : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
                    m.tensor("blk." + layer + "." + name + ".weight", GgmlType.Q8_0, 64, 64);
                }
            }
            return m.tensor("blk.1.ffn_gate.weight", GgmlType.Q8_0, 64, 128)
                    .tensor("blk.1.ffn_up.weight", GgmlType.Q8_0, 64, 128)
                    .tensor("blk.1.ffn_down.weight", GgmlType.Q8_0, 128, 64)
                    .integer("llama.block_count", 2)
                    .integer("llama.attention.head_count_kv", 2);
        }),
        OWN_OUTPUT(m -> m.tensor("output.weight", GgmlType.Q8_0, 64, 8)),
        BIASES(m -> m.tensor("blk.0.attn_q.bias", GgmlType.F32, 64)
                .tensor("blk.0.attn_k.bias", GgmlType.F32, 32)
                .tensor("blk.0.attn_v.bias", GgmlType.F32, 32)),
        QWEN2(m -> m.tensor("blk.0.attn_q.bias", GgmlType.F32, 64)
                .tensor("blk.0.attn_k.bias", GgmlType.F32, 32)
                .tensor("blk.0.attn_v.bias", GgmlType.F32, 32)
                .architecture("qwen2")),
        QWEN2_OF_FEW_ROTATED_DIMENSIONS(m -> m.tensor("blk.0.attn_q.bias", GgmlType.F32, 64)
                .tensor("blk.0.attn_k.bias", GgmlType.F32, 32)
                .tensor("blk.0.attn_v.bias", GgmlType.F32, 32)
                .integer("llama.rope.dimension_count", 12)
                .architecture("qwen2")),
        FEW_ROTATED_DIMENSIONS(m -> m.integer("llama.rope.dimension_count", 12)),
        ANOTHER_BASE(m -> m.number("llama.rope.freq_base", 500_000)),
        LONGER_HEADS(m -> m.integer("llama.attention.key_length", 64)
                .integer("llama.attention.value_length", 64)
                .tensor("blk.0.attn_q.weight", GgmlType.Q8_0, 64, 128)
                .tensor("blk.0.attn_k.weight", GgmlType.Q8_0, 64, 64)
                .tensor("blk.0.attn_v.weight", GgmlType.Q8_0, 64, 64)
                .tensor("blk.0.attn_output.weight", GgmlType.Q8_0, 128, 64)),
        ROPE_FACTORS(m -> m.tensor("rope_freqs.weight", GgmlType.F32, 16).fill("rope_freqs.weight", 2.5f)),
        LINEAR(m -> m.text("llama.rope.scaling.type", "linear").number("llama.rope.scaling.factor", 4)),
        YARN(m -> m.text("llama.rope.scaling.type", "yarn")
                .number("llama.rope.scaling.factor", 4)
                .integer("llama.rope.scaling.original_context_length", 16));

        private final UnaryOperator<ModelFileBuilder> change;

        Variant(UnaryOperator<ModelFileBuilder> change) {
            this.change = change;
        }
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void everyVariant(Variant variant) throws IOException {
        Path path = folder.resolve("model.gguf");
        ModelFileBuilder builder = new ModelFileBuilder(64, GgmlType.Q8_0).integer("llama.context_length", 128);
        variant.change.apply(builder).write(path);
        for (KernelChoice kernel : List.of(KernelChoice.SCALAR, KernelChoice.AUTO)) {
            for (int batch : new int[] {1, 7, 64}) {
                assertThat(nmse(path, kernel, Precision.FLOAT, batch, TOKENS))
                        .as("%s, batches of %d", kernel, batch)
                        .isLessThan(1e-9);
            }
        }
        assertThat(nmse(path, KernelChoice.AUTO, Precision.FAST, 64, TOKENS)).isLessThan(1e-3);
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"F64", "I8", "I16", "I32", "I64"},
            mode = EnumSource.Mode.EXCLUDE)
    void everyType(GgmlType type) throws IOException {
        Path path = folder.resolve("model.gguf");
        new ModelFileBuilder(256, type).integer("llama.context_length", 128).write(path);
        for (int batch : new int[] {1, 64}) {
            assertThat(nmse(path, KernelChoice.AUTO, Precision.FLOAT, batch, FEW_TOKENS))
                    .as("batches of %d", batch)
                    .isLessThan(1e-9);
        }
        assertThat(nmse(path, KernelChoice.AUTO, Precision.FAST, 64, FEW_TOKENS))
                .isLessThan(1e-3);
    }

    /** Over all logits. */
    private static double nmse(Path path, KernelChoice kernel, Precision precision, int batch, int[] tokens)
            throws IOException {
        EngineOptions options = EngineOptions.defaults()
                .withKernel(kernel)
                .withPrecision(precision)
                .withThreads(2);
        SessionOptions sessionOptions = SessionOptions.defaults()
                .withBatchTokens(batch)
                .withKeys(KvType.F32)
                .withValues(KvType.F32);
        Nmse nmse = new Nmse();
        try (GgufFile file = GgufFile.open(path);
                Model model = Model.open(path, options);
                Session session = model.newSession(sessionOptions)) {
            double[][] expected = new ReferenceTransformer(file, model.config()).logits(tokens);
            session.evaluateAll(tokens, (position, logits) -> {
                for (int i = 0; i < logits.length; i++) {
                    nmse.add(logits[i], expected[position][i]);
                }
            });
        }
        return nmse.value();
    }
}
