package dev.quipu.bench.eviction.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.result.Measurement;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.bench.eviction.statistics.Bootstrap;
import dev.quipu.bench.eviction.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From measurements that are easy to reckon with to numbers and texts. */
class ReportTest {
    @TempDir
    private Path folder;

    private static void losses(RunDirectory run, String item, String policy, double... losses) throws IOException {
        run.add(
                new Key("perturbation", item, policy, "f16", 0.2),
                Map.of("losses", Measurement.stored(losses), "kv_bytes", 1 << 20));
    }

    private static void needle(RunDirectory run, String item, String policy, int length, int exact) throws IOException {
        double budget = policy.equals("full") ? 1 : 0.2;
        Map<String, Object> values = Map.of(
                "task",
                "needle",
                "length",
                length,
                "depth",
                0,
                "exact",
                exact,
                "answer_nll",
                1,
                "answer_rank",
                2,
                "kv_bytes",
                5);
        run.add(new Key("retrieval", item, policy, "f16", budget), values);
    }

    private List<Result> results(RunDirectory run) {
        return new Summary(run, new Bootstrap(100, 1), text -> "snapkv", 2).results();
    }

    private static double value(List<Result> results, String policy, Metric metric) {
        return results.stream()
                .filter(result -> result.policy().equals(policy))
                .findFirst()
                .flatMap(result -> result.number(metric))
                .orElseThrow()
                .value();
    }

    @Test
    void headsAreComparedAfterTheMeanOverDocuments() throws IOException {
        RunDirectory run = RunDirectory.open(folder, Map.of());
        losses(run, "0", "snapkv", 4, 4, 4, 4);
        losses(run, "1", "snapkv", 2, 2, 2, 2);
        losses(run, "0", "loo", 1, 4.5, 5, 2);
        losses(run, "1", "loo", 4, 1, 2, 2);
        List<Result> results = results(run);
        assertThat(value(results, "loo", Metric.MEAN_L)).isEqualTo(21.5 / 8);
        assertThat(value(results, "loo", Metric.HEADS_IMPROVED)).isEqualTo(0.75);
        assertThat(value(results, "loo", Metric.GROUPS_IMPROVED)).isEqualTo(1);
        assertThat(value(results, "loo", Metric.RATIO_VS_SNAPKV)).isEqualTo(21.5 / 24);
        assertThat(value(results, "snapkv", Metric.HEADS_VS_SNAPKV)).isZero();
    }

    @Test
    void onlyQuestionsThatTheFullCacheAnswersCount() throws IOException {
        RunDirectory run = RunDirectory.open(folder, Map.of());
        for (int i = 0; i < 5; i++) {
            needle(run, "a" + i, "full", 512, i < 3 ? 1 : 0);
            needle(run, "a" + i, "loo", 512, i < 2 ? 1 : 0);
            needle(run, "b" + i, "full", 1024, i < 2 ? 1 : 0);
            needle(run, "b" + i, "loo", 1024, 1);
        }
        assertThat(value(results(run), "loo", Metric.RETRIEVAL_ACCURACY)).isEqualTo(0.4);
        assertThat(Summary.cells(run))
                .containsExactly(new RetrievalCell("needle 512", 5, 0.6), new RetrievalCell("needle 1024", 5, 0.4));
        assertThat(Summary.cells(run)).extracting(RetrievalCell::counts).containsExactly(true, false);
    }

    @Test
    void aReportIsLiterallyThis() throws IOException {
        Result result = new Result(
                "loo", "f16", 0.2, "snapkv pool=none", Map.of(Metric.HEADS_IMPROVED, new Interval(0.731, 0.7, 0.75)));
        Report report = new Report(Map.of("model", "llama 135M"), List.of(result), List.of());
        assertThat(report.markdown()).isEqualTo("""
                        # KV eviction measured

                        - model: llama 135M

                        Budgets are shares of the bytes of a full cache of the first kind of rows, sinks and window included.
                        In brackets: 95 % intervals from drawing documents anew, paired where two policies are compared.

                        ## heads_improved

                        share of query heads with a lower L than the same score with topk

                        | policy | 20 % |
                        |---|---|
                        | loo f16 | 73.1 % [70.0 %, 75.0 %] |
                        """);
        assertThat(report.json())
                .contains(
                        "\"format\" : 1",
                        "\"policy\" : \"loo\"",
                        "\"budget\" : 0.2",
                        "\"improved_over\" : \"snapkv pool=none\"",
                        "\"heads_improved\" : 0.731",
                        "\"heads_improved_ci\" : [ 0.7, 0.75 ]",
                        "\"mean_kl\" : null");
    }
}
