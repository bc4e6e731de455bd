package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GoldenFiles;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.sampling.SamplingOptions;
import dev.quipu.runtime.template.ChatMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.jr.ob.JSON;

/** What a person gets from a real model in default settings: a prompt in panels, then tokens one by one, in fast precision. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GeneratedTokensTest {
    private static final double MEAN_NMSE = 1e-2;
    private static final double MAX_NMSE = 5e-2;
    private static final int STEPS = 16;

    private Path file = Path.of("");
    private Model model;

    @BeforeAll
    void open() throws IOException {
        file = GoldenFiles.require("models/SmolLM2-135M-Instruct.Q4_1.gguf");
        model = Model.open(file);
    }

    @AfterAll
    void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void logitsAreNearThoseOfFloats() throws IOException {
        try (Model floats = Model.open(file, EngineOptions.defaults().withPrecision(Precision.FLOAT));
                InputStream in = Files.newInputStream(GoldenFiles.require("golden/logits/index.json"))) {
            for (Object element : (List<?>) JSON.std.mapFrom(in).get("cases")) {
                Map<?, ?> golden = (Map<?, ?>) element;
                int[] prompt = ints(golden.get("tokens"));
                if (prompt.length < 100) {
                    int[] answer = Arrays.copyOf(ints(golden.get("llama_cpp_greedy")), STEPS);
                    compare(prompt, answer, floats, golden.get("name"));
                }
            }
        }
    }

    private void compare(int[] prompt, int[] answer, Model floats, Object name) {
        int[] all = Arrays.copyOf(prompt, prompt.length + answer.length);
        System.arraycopy(answer, 0, all, prompt.length, answer.length);
        float[][] expected = new float[all.length][];
        try (Session session = floats.newSession()) {
            session.evaluateAll(all, (position, logits) -> expected[position] = logits.clone());
        }
        double sum = 0;
        try (Session session = model.newSession()) {
            float[] logits = session.evaluate(prompt);
            for (int i = 0; i <= answer.length; i++) {
                double nmse = Nmse.of(logits, expected[prompt.length - 1 + i]);
                assertThat(nmse).as("%s, step %d", name, i).isLessThan(MAX_NMSE);
                sum += nmse;
                if (i < answer.length) {
                    logits = session.evaluate(answer[i]);
                }
            }
        }
        assertThat(sum / (answer.length + 1)).as("%s", name).isLessThan(MEAN_NMSE);
    }

    /** Greedy answers of llama.cpp whose every token is more likely than the second by a margin that rounding does not bridge. */
    @ParameterizedTest
    @CsvSource({
        "What is the capital of Japan?, The capital of Japan is Tokyo.",
        "What is the capital of Germany?, The capital of Germany is Berlin.",
        "How many days are in a week?, A week is approximately 7 days."
    })
    void answersAsLlamaCpp(String question, String answer) {
        int[] prompt = model.tokenizer()
                .encode(model.chatTemplate().orElseThrow().render(List.of(ChatMessage.user(question))), true, true);
        StringBuilder text = new StringBuilder();
        try (Session session = model.newSession();
                Generation generation = session.generate(
                        prompt,
                        SamplingOptions.greedy(),
                        GenerationLimits.none().withMaxTokens(32))) {
            generation.forEachRemaining(text::append);
        }
        assertThat(text).hasToString(answer);
    }

    /** Σ(a - e)² / Σe² */
    private static int[] ints(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> (Integer) id).toArray();
    }
}
