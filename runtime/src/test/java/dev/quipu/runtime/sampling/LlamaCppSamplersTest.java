package dev.quipu.runtime.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.jr.ob.JSON;

/**
 * What is left of the candidates, and how likely it is, as llama.cpp's samplers leave it. The figures are made by {@code
 * sampling_golden.py} beside them.
 */
final class LlamaCppSamplersTest {
    private final RandomGenerator random = new SplittableRandom(1);

    static Stream<Arguments> cases() throws IOException {
        Map<?, ?> golden;
        try (InputStream in = LlamaCppSamplersTest.class.getResourceAsStream("llama-cpp-samplers.json")) {
            golden = JSON.std.mapFrom(Objects.requireNonNull(in));
        }
        List<?> rows = (List<?>) golden.get("logits");
        return ((List<?>) golden.get("cases")).stream().map(element -> {
            Map<?, ?> fields = (Map<?, ?>) element;
            return Arguments.of(
                    fields.get("chain"),
                    rows.get(number(fields.get("logits")).intValue()),
                    fields.get("history"),
                    fields.get("left"));
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void leavesWhatLlamaCppLeaves(List<?> chain, List<?> row, List<?> history, List<?> expected) {
        float[] logits = new float[row.size()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = number(row.get(i)).floatValue();
        }
        Candidates candidates = new Candidates(logits.length);
        candidates.fill(logits);

        for (Object stage : chain) {
            apply((List<?>) stage, history, candidates);
        }

        candidates.softmax();
        Map<Integer, Double> left = new HashMap<>();
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.probability(i) > 0) {
                left.put(candidates.id(i), candidates.probability(i));
            }
        }
        List<Integer> ids = new ArrayList<>();
        for (Object element : expected) {
            List<?> pair = (List<?>) element;
            int id = number(pair.getFirst()).intValue();
            double probability = number(pair.getLast()).doubleValue();
            ids.add(id);
            assertThat(left).containsKey(id);
            assertThat(left.get(id)).isCloseTo(probability, offset(Math.max(1e-4 * probability, 1e-12)));
        }
        assertThat(left).containsOnlyKeys(ids);
    }

    private void apply(List<?> stage, List<?> history, Candidates candidates) {
        switch ((String) stage.getFirst()) {
            case "mirostat" ->
                new Mirostat(at(stage, 1), at(stage, 2), random, candidates.capacity()).choose(candidates);
            case "mirostat2" -> new Mirostat2(at(stage, 1), at(stage, 2), random).choose(candidates);
            default -> {
                SamplerStage made = stage(stage, candidates.capacity());
                history.forEach(token -> made.accept(number(token).intValue()));
                made.apply(candidates);
            }
        }
    }

    private SamplerStage stage(List<?> stage, int vocabulary) {
        String name = (String) stage.getFirst();
        if (name.equals("bias")) {
            Map<Integer, Float> bias = new HashMap<>();
            for (Object element : stage.subList(1, stage.size())) {
                List<?> pair = (List<?>) element;
                bias.put(
                        number(pair.getFirst()).intValue(),
                        number(pair.getLast()).floatValue());
            }
            return new LogitBias(bias);
        }
        float first = at(stage, 1);
        float second = stage.size() > 2 ? at(stage, 2) : 0;
        float third = stage.size() > 3 ? at(stage, 3) : 0;
        float fourth = stage.size() > 4 ? at(stage, 4) : 0;
        return switch (name) {
            case "penalties" -> new Penalties((int) first, second, third, fourth, vocabulary);
            case "dry" -> new Dry(first, second, (int) third, (int) fourth, List.of(), vocabulary);
            case "top_n_sigma" -> new TopNSigma(first);
            case "top_k" -> new TopK((int) first, 0);
            case "typ_p" -> new Typical(first, (int) second, vocabulary);
            case "top_p" -> new TopP(first, (int) second);
            case "min_p" -> new MinP(first, (int) second);
            case "xtc" -> new Xtc(first, second, (int) third, random);
            case "temperature" -> new Temperature(first, second, third);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static float at(List<?> stage, int place) {
        return number(stage.get(place)).floatValue();
    }

    private static Number number(Object value) {
        return value instanceof Number number ? number : Double.valueOf((String) value);
    }
}
