package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A miniature can be evaluated as the model that it was cut from, whatever types that has. */
class MiniatureTest {
    private static final int WIDTH = 256;
    private static final Kernels KERNELS = Kernels.choose(KernelChoice.AUTO, Precision.FAST);

    private final Random random = new Random(1);
    private final ModelConfig config = new ModelConfig(
            "llama", 32, 64, WIDTH, 3, WIDTH, 6, 2, 64, 64, 1e-5f, RopeStyle.NORMAL, 64, 10_000, RopeScaling.NONE);

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"F32", "F16", "Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q6_K", "IQ4_NL", "TQ1_0"})
    void evaluatesPromptsAndTokens(GgmlType type) {
        Miniature miniature = Miniature.of(config, weights(type, GgmlType.Q8_0));

        float[] logits = new float[Miniature.VOCABULARY];
        for (float logit : evaluated(miniature, logits, 0, 1)) {
            assertThat(logit).isFinite().isNotZero();
        }
        for (float logit : evaluated(miniature, logits, 3)) {
            assertThat(logit).isFinite().isNotZero();
        }
        for (float logit : evaluated(miniature, logits, new int[Transformer.FEW + 1])) {
            assertThat(logit).isFinite().isNotZero();
        }
    }

    /** Kernels do not check what they access, so a shape that is not the other's would be a crash some time later. */
    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"Q4_0", "Q4_K"})
    void hasMatricesOfItsOwnShapes(GgmlType type) {
        Miniature miniature = Miniature.of(config, weights(type, GgmlType.Q8_0));

        ModelConfig small = miniature.config();
        for (TransformerLayer layer : miniature.weights().layers()) {
            assertThat(layer.query().columns()).isEqualTo(small.embeddingLength());
            assertThat(layer.query().rows()).isLessThanOrEqualTo(small.attentionChannels());
            assertThat(layer.key().rows()).isLessThanOrEqualTo(small.kvHeads() * small.keyLength());
            assertThat(layer.output().columns()).isEqualTo(small.attentionChannels());
            assertThat(layer.output().rows()).isLessThanOrEqualTo(small.embeddingLength());
            assertThat(layer.gate().rows()).isLessThanOrEqualTo(small.feedForwardLength());
            assertThat(layer.down().columns()).isEqualTo(small.feedForwardLength());
        }
    }

    @Test
    void hasALayerForEachCombinationOfTypes() {
        Miniature miniature = Miniature.of(config, weights(GgmlType.Q4_K, GgmlType.Q6_K));

        assertThat(miniature.weights().layers())
                .extracting(layer -> layer.down().type())
                .containsExactly(GgmlType.Q4_K, GgmlType.Q6_K);
    }

    @Test
    void thereIsOneOfNoModel() {
        try (Arena arena = Arena.ofConfined()) {
            Miniature miniature = Miniature.typical(arena);

            float[] logits = new float[Miniature.VOCABULARY];
            for (float logit : evaluated(miniature, logits, new int[Transformer.FEW + 1])) {
                assertThat(logit).isFinite().isNotZero();
            }
        }
    }

    @Test
    @SuppressWarnings("try") // closed early on purpose
    void warmUpEndsAndCanBeEndedEarly() {
        Miniature miniature = Miniature.of(config, weights(GgmlType.Q4_0, GgmlType.Q8_0));
        try (WarmUp warmUp = new WarmUp(miniature, KERNELS)) {
            warmUp.close();
            warmUp.await(2);
            warmUp.await(1);
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread -> thread.getName().equals("quipu-warm-up"));
        }
    }

    private static float[] evaluated(Miniature miniature, float[] logits, int... tokens) {
        try (WorkerTeam team = new WorkerTeam(1, "test");
                Workspace workspace = new Workspace(miniature.config());
                Transformer transformer =
                        new Transformer(miniature.config(), miniature.weights(), KERNELS, team, workspace);
                KvCache kv = KvCache.create(
                        miniature.config().kvLayout(KvType.F16, KvType.F16, Miniature.CONTEXT), KERNELS.width())) {
            transformer.evaluate(SequenceCache.of(kv, 1), tokens, 0, tokens.length, logits);
            return logits;
        }
    }

    /** Three layers of a type, of which the last one's down projection is of another. */
    private TransformerWeights weights(GgmlType type, GgmlType other) {
        TransformerLayer layer = layer(type, type);
        return new TransformerWeights(
                matrix(type), List.of(layer, layer, layer(type, other)), new Rope(config, null), ones(), matrix(other));
    }

    private TransformerLayer layer(GgmlType type, GgmlType down) {
        return new TransformerLayer(
                ones(),
                matrix(type),
                null,
                matrix(type),
                null,
                matrix(type),
                new float[WIDTH],
                matrix(type),
                null,
                ones(),
                matrix(type),
                matrix(type),
                matrix(down));
    }

    private WeightMatrix matrix(GgmlType type) {
        float[] elements = new float[WIDTH * WIDTH];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (float) random.nextGaussian();
        }
        long rowBytes = type.rowBytes(WIDTH);
        MemorySegment data = Arena.ofAuto().allocate(WIDTH * rowBytes, 64);
        type.quantize(elements, 0, data, 0, elements.length);
        return new WeightMatrix("matrix", type, WIDTH, WIDTH, rowBytes, data);
    }

    private static float[] ones() {
        float[] ones = new float[WIDTH];
        Arrays.fill(ones, 1);
        return ones;
    }
}
