package dev.quipu.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipu.bench.BenchRun;
import dev.quipu.bench.peer.FakePeer;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

class ThroughputTest {
    @TempDir
    Path folder;

    private String model = "";

    @BeforeEach
    void write() throws IOException {
        model = TinyModel.write(folder.resolve("tiny.gguf")).toString();
    }

    @Test
    void printsTheTableOfLlamaBench() {
        BenchRun run = BenchRun.of(
                "-m",
                model,
                "-p",
                "8",
                "-n",
                "4",
                "-pg",
                "4,2",
                "-d",
                "0,16",
                "-t",
                "1",
                "-r",
                "2",
                "--no-warmup",
                "--plain",
                "-ctk",
                "q8_0,f16");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines.get(0))
                .isEqualTo(
                        "| model                          |       size |     params | backend    | threads | type_k |"
                                + "            test |                  t/s |");
        assertThat(lines.get(1))
                .isEqualTo(
                        "| ------------------------------ | ---------: | ---------: | ---------- | ------: | -----: |"
                                + " --------------: | -------------------: |");
        assertThat(lines.subList(2, 14)).allSatisfy(line -> assertThat(line)
                .matches(
                        "\\| llama 0M Q8_0 {18}\\|   0.01 MiB \\|     0.01 M \\| Java       \\|       1 \\| +(f16|q8_0) \\|"
                                + " +(pp8|tg4|pp4\\+tg2)( @ d16)? \\| +[0-9.]+ ± [0-9.]+ \\|"));
        assertThat(lines.get(15)).startsWith("build: ");
    }

    @Test
    void measuresLimitsAndAPeerInTurn() throws IOException {
        BenchRun run = BenchRun.of(
                "-m",
                model,
                "-p",
                "0",
                "-n",
                "4",
                "-t",
                "1",
                "-r",
                "2",
                "--no-warmup",
                "--progress",
                "-o",
                "json",
                "-oe",
                "csv",
                "--peer",
                FakePeer.command());
        assertThat(run.exitCode()).as(run.err()).isZero();
        Map<?, ?> row = (Map<?, ?>) JSON.std.listFrom(run.out()).getFirst();
        assertThat(row.keySet().stream().map(Object::toString).limit(33))
                .containsExactly(
                        ("build_commit build_number cpu_info gpu_info backends model_filename model_type model_size"
                                        + " model_n_params n_batch n_ubatch n_threads cpu_mask cpu_strict poll type_k"
                                        + " type_v n_gpu_layers split_mode main_gpu no_kv_offload flash_attn"
                                        + " tensor_split use_mmap embeddings n_prompt n_gen n_depth test_time avg_ns"
                                        + " stddev_ns avg_ts stddev_ts")
                                .split(" "));
        assertThat(row.get("backends")).isEqualTo("Java");
        assertThat((String) row.get("cpu_info")).contains("VM");
        assertThat((List<?>) row.get("samples_ns")).hasSize(2);
        assertThat(((Number) row.get("read_share")).doubleValue()).isPositive();
        assertThat(row.get("fp32_share")).isNull();
        assertThat(((Number) row.get("peer_median_ts")).doubleValue()).isEqualTo(100);
        assertThat(((Number) row.get("peer_ratio")).doubleValue())
                .isCloseTo(((Number) row.get("median_ts")).doubleValue() / 100, within(1e-3));
        assertThat(run.err()).contains("quipu-bench: tg4: peer run 2/2").contains("build_commit,build_number");
    }

    @Test
    void saysThatAModelIsMissing() {
        BenchRun run = BenchRun.of("-m", folder.resolve("none.gguf").toString(), "--plain");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("quipu-bench: no such file").hasLineCount(1);
    }

    @Test
    void countsBytesAndProducts() throws IOException {
        ModelCost cost = ModelCost.of(Path.of(model));
        long quantised = TinyModel.EMBEDDING + TinyModel.LAYER;
        assertThat(cost)
                .isEqualTo(new ModelCost(
                        quantised / 32 * 34 + TinyModel.NORMS_BYTES, TinyModel.LAYER, TinyModel.EMBEDDING));
        Setting setting =
                new Setting(Path.of(model), KernelChoice.AUTO, Precision.FAST, 1, 8, 8, KvType.F16, KvType.F16);
        try (Model open = Model.open(Path.of(model), setting.engine())) {
            Workload prompt = new Workload(16, 0, 10);
            assertThat(cost.productsPerToken(open.config(), setting, prompt))
                    .isEqualTo(TinyModel.LAYER + 2 * (16 + 16) * (10 + 8.5) + TinyModel.EMBEDDING * 2 / 16.0);
            Workload generation = new Workload(0, 9, 100);
            assertThat(cost.bytesPerToken(open.config(), setting, generation))
                    .isEqualTo(cost.weightBytes() + (16 + 16) * 2 * 105);
        }
    }
}
