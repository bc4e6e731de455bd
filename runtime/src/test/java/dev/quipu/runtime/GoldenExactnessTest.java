package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GoldenFiles;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.sampling.SamplingOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.jr.ob.JSON;

/** Whole models against the float64 reference and against llama.cpp. */
final class GoldenExactnessTest {
    /** Normalised mean squared error that arithmetic in floats stays below, and that quantised activations do. */
    private static final double FLOAT_NMSE = 1e-9;

    private static final double FAST_NMSE = 1e-3;

    static Stream<Arguments> configurations() {
        return Stream.of(KernelChoice.values())
                .flatMap(kernel -> Stream.of(1, 7, 64).flatMap(batch -> Stream.of(Precision.values())
                        .map(precision -> Arguments.of(kernel, batch, precision))));
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void tinyModelsOfEveryType(KernelChoice kernel, int batch, Precision precision) throws IOException {
        Path folder = GoldenFiles.require("golden/tiny");
        Map<?, ?> index = json(folder.resolve("index.json"));
        int[] tokens = ints(index.get("tokens"));
        for (Object element : (List<?>) index.get("cases")) {
            Map<?, ?> golden = (Map<?, ?>) element;
            FloatBuffer expected = floats(folder.resolve((String) golden.get("logits")));
            EngineOptions options = EngineOptions.defaults()
                    .withKernel(kernel)
                    .withPrecision(precision)
                    .withThreads(2);
            SessionOptions session = SessionOptions.defaults()
                    .withBatchTokens(batch)
                    .withKeys(KvType.F32)
                    .withValues(KvType.F32);
            try (Model model = Model.open(folder.resolve((String) golden.get("model")), options);
                    Session s = model.newSession(session)) {
                Nmse nmse = new Nmse();
                s.evaluateAll(tokens, (position, logits) -> {
                    assertThat(position).isEqualTo(expected.position() / logits.length);
                    for (float logit : logits) {
                        nmse.add(logit, expected.get());
                    }
                });
                assertThat(expected.hasRemaining()).isFalse();
                assertThat(nmse.value())
                        .as("%s", golden.get("model"))
                        .isLessThan(precision == Precision.FLOAT ? FLOAT_NMSE : FAST_NMSE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void realModelAtEveryPosition(Precision precision) throws IOException {
        Path folder = GoldenFiles.require("golden/logits");
        Path file = GoldenFiles.require("models/SmolLM2-135M-Instruct.Q4_1.gguf");
        Map<?, ?> index = json(folder.resolve("index.json"));
        boolean exact = precision == Precision.FLOAT;
        try (Model model = Model.open(file, EngineOptions.defaults().withPrecision(precision))) {
            for (Object element : (List<?>) index.get("cases")) {
                Map<?, ?> golden = (Map<?, ?>) element;
                int[] tokens = ints(golden.get("tokens"));
                int[] argmax = ints(golden.get("argmax"));
                List<?> nll = (List<?>) golden.get("nll");
                FloatBuffer last = floats(folder.resolve((String) golden.get("last_logits")));
                Nmse nmse = new Nmse();
                int[] agreeing = new int[1];
                try (Session session = model.newSession()) {
                    session.evaluateAll(tokens, (position, logits) -> {
                        int best = argmax(logits);
                        agreeing[0] += best == argmax[position] ? 1 : 0;
                        if (exact) {
                            // A tie in floats may fall either way.
                            assertThat(logits[argmax[position]]).isGreaterThan(logits[best] - 1e-3f);
                        }
                        if (position + 1 < tokens.length) {
                            double expected = ((Number) nll.get(position)).doubleValue();
                            double actual = negativeLogLikelihood(logits, tokens[position + 1]);
                            assertThat(actual)
                                    .as("%s, position %d", golden.get("name"), position)
                                    .isCloseTo(expected, org.assertj.core.data.Offset.offset(exact ? 1e-3 : 0.8));
                        } else {
                            for (float logit : logits) {
                                nmse.add(logit, last.get());
                            }
                        }
                    });
                }
                assertThat(nmse.value()).as("%s", golden.get("name")).isLessThan(exact ? FLOAT_NMSE : 3e-3);
                assertThat(agreeing[0]).isGreaterThanOrEqualTo((int) (tokens.length * (exact ? 1.0 : 0.9)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void greedyTextIsLlamaCppsWhileItsMarginIsClear(Precision precision) throws IOException {
        Path folder = GoldenFiles.require("golden/logits");
        Path file = GoldenFiles.require("models/SmolLM2-135M-Instruct.Q4_1.gguf");
        try (Model model = Model.open(file, EngineOptions.defaults().withPrecision(precision))) {
            for (Object element : (List<?>) json(folder.resolve("index.json")).get("cases")) {
                Map<?, ?> golden = (Map<?, ?>) element;
                int[] expected = ints(golden.get("llama_cpp_greedy"));
                List<?> margins = (List<?>) golden.get("llama_cpp_greedy_margin");
                int clear = 0;
                while (clear < expected.length && ((Number) margins.get(clear)).doubleValue() >= 0.5) {
                    clear++;
                }
                try (Session session = model.newSession();
                        Generation generation = session.generate(
                                ints(golden.get("tokens")),
                                SamplingOptions.greedy().withIgnoreEndOfGeneration(false),
                                GenerationLimits.none().withMaxTokens(Math.max(1, clear)))) {
                    generation.forEachRemaining(piece -> assertThat(piece).isNotEmpty());
                    int[] actual = generation.tokens();
                    for (int i = 0; i < Math.min(clear, actual.length); i++) {
                        assertThat(actual[i])
                                .as("%s, step %d", golden.get("name"), i)
                                .isEqualTo(expected[i]);
                    }
                }
            }
        }
    }

    private static double negativeLogLikelihood(float[] logits, int token) {
        double max = logits[argmax(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return Math.log(sum) + max - logits[token];
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    private static Map<?, ?> json(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return JSON.std.mapFrom(in);
        }
    }

    private static int[] ints(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> (Integer) id).toArray();
    }

    private static FloatBuffer floats(Path path) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(path))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
    }
}
