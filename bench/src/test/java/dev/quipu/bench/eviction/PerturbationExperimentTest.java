package dev.quipu.bench.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipu.bench.eviction.data.Document;
import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measured perturbations against their definition in float64, from the model's weights on. */
class PerturbationExperimentTest {
    private static final int WINDOW = 32;
    private static final int JUDGES = 32;
    private static final double BUDGET = 0.2;

    @Test
    void lossesAreThoseOfTheDefinition(@TempDir Path folder) throws IOException {
        Map<String, float[]> weights = SmallModel.write(folder.resolve("model.gguf"));
        String text = "All that is kept is a part of what was, and the rest is gone. ".repeat(7);
        EngineOptions engine =
                EngineOptions.defaults().withPrecision(Precision.FLOAT).withThreads(2);
        try (Model model = Model.open(folder.resolve("model.gguf"), engine)) {
            int[] tokens = model.tokenizer().encode(text, true, false);
            assertThat(tokens).hasSizeBetween(400, 500);
            StudyOptions options = new StudyOptions(
                    List.of(new Document("0", text)),
                    List.of(),
                    Contender.parseList("snapkv,pool=none,loo"),
                    List.of(BUDGET),
                    List.of(new Rows(KvType.F32, KvType.F32)),
                    4096,
                    false,
                    1);
            RunDirectory run = RunDirectory.open(folder.resolve("run"), Map.of());
            PerturbationExperiment experiment =
                    new PerturbationExperiment(new Caches(model, options.rows().getFirst()), options, run);
            assertThat(experiment.run(0)).isTrue();
            assertThat(experiment.run(0)).as("nothing is measured twice").isFalse();
            ReferenceModel reference = new ReferenceModel(weights, tokens);
            for (String policy : List.of("snapkv pool=none", "loo")) {
                double[] losses = run.find(new Key("perturbation", "0", policy, "f32", BUDGET))
                        .orElseThrow()
                        .numbers("losses");
                for (int i = 0; i < losses.length; i++) {
                    int layer = i / SmallModel.HEADS;
                    double expected = loss(reference, layer, i % SmallModel.HEADS, policy.equals("loo"));
                    assertThat(losses[i])
                            .as("%s, layer %d, head %d", policy, layer, i % SmallModel.HEADS)
                            .isCloseTo(expected, within(2e-4 * expected));
                }
            }
        }
    }

    /** Mean over the judging queries of || o - o_hat ||_1. */
    private static double loss(ReferenceModel model, int layer, int head, boolean leaveOneOut) {
        int n = model.attention[layer][head].length;
        int group = SmallModel.HEADS / SmallModel.KV_HEADS;
        double[] scores = new double[n - JUDGES - WINDOW];
        for (int g = head / group * group; g < head / group * group + group; g++) {
            add(scores, model.attention[layer][g], model.projected[layer][g], leaveOneOut);
        }
        int keep = (int) (BUDGET * (n - JUDGES)) - WINDOW;
        boolean[] kept = new boolean[n];
        IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .limit(keep)
                .forEach(i -> kept[i] = true);
        for (int i = scores.length; i < n; i++) {
            kept[i] = true;
        }
        double loss = 0;
        for (int j = n - JUDGES; j < n; j++) {
            double[] weights = model.attention[layer][head][j];
            double[] full = output(weights, model.projected[layer][head], new boolean[0]);
            double[] rest = output(weights, model.projected[layer][head], kept);
            for (int c = 0; c < full.length; c++) {
                loss += Math.abs(full[c] - rest[c]) / JUDGES;
            }
        }
        return loss;
    }

    /** Adds the window's attention, for leave-one-out times the distance of the value and the query's output. */
    private static void add(double[] scores, double[][] attention, double[][] projected, boolean leaveOneOut) {
        for (int j = scores.length; j < scores.length + WINDOW; j++) {
            double[] output = output(attention[j], projected, new boolean[0]);
            for (int i = 0; i < scores.length; i++) {
                double squares = 0;
                for (int c = 0; c < output.length; c++) {
                    squares += (projected[i][c] - output[c]) * (projected[i][c] - output[c]);
                }
                scores[i] += attention[j][i] * (leaveOneOut ? Math.sqrt(squares) : 1);
            }
        }
    }

    /** The attention output over these cells, weights normalised; an empty choice is all. */
    private static double[] output(double[] weights, double[][] projected, boolean[] kept) {
        double[] output = new double[SmallModel.WIDTH];
        double mass = 0;
        for (int i = 0; i < weights.length; i++) {
            if (kept.length == 0 || kept[i]) {
                mass += weights[i];
                for (int c = 0; c < output.length; c++) {
                    output[c] += weights[i] * projected[i][c];
                }
            }
        }
        for (int c = 0; c < output.length; c++) {
            output[c] /= mass;
        }
        return output;
    }
}
