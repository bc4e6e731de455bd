package dev.quipu.bench.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.jr.ob.JSON;

/** The command as a whole, on a small model and made-up texts. */
class KvCommandTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void model() throws IOException {
        SmallModel.write(folder.resolve("model.gguf"));
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(Path run, String... more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> args = new java.util.ArrayList<>(List.of(
                "-m",
                folder.resolve("model.gguf").toString(),
                "-o",
                run.toString(),
                "--max-tokens=500",
                "--limit=2",
                "--lengths=200",
                "--depths=0,100",
                "--each=1",
                "--draws=50",
                "-t2"));
        args.addAll(List.of(more));
        CommandLine line = new CommandLine(new KvCommand(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8)));
        line.setExecutionExceptionHandler((e, command, result) -> {
            err.writeBytes(String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
            return 1;
        });
        int code = line.execute(args.toArray(String[]::new));
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> results(Path run) throws IOException {
        Map<String, Object> root = JSON.std.mapFrom(Files.readString(run.resolve("results.json")));
        return (List<Map<String, Object>>) Objects.requireNonNull(root.get("results"));
    }

    @Test
    void everyNumberIsThereWithItsInterval() throws IOException {
        Path run = folder.resolve("all");
        Outcome outcome = run(run, "--policies=full,snapkv,loo,random,corm", "--budgets=0.2,0.4", "--rows=f16,q8_0");
        assertThat(outcome.code).as(outcome.err).isZero();
        assertThat(outcome.err).contains("perturbation: 2 of 2", "language: 2 of 2", "systems: 10 of 10");
        assertThat(outcome.out).startsWith("# KV eviction measured").contains("## mean_kl", "| loo q8_0 |");
        Map<String, Object> loo = results(run).stream()
                .filter(row -> "loo".equals(row.get("policy")) && "f16".equals(row.get("rows")))
                .filter(row -> Double.valueOf(0.4).equals(row.get("budget")))
                .findFirst()
                .orElseThrow();
        for (String key : List.of(
                "mean_L",
                "heads_improved",
                "heads_vs_snapkv",
                "ratio_vs_snapkv",
                "mean_kl",
                "p99_kl",
                "delta_nll",
                "top1_agreement",
                "kv_bytes",
                "prompt_tok_s",
                "decode_tok_s")) {
            assertThat(loo.get(key)).as(key).isInstanceOf(Number.class);
            assertThat((List<?>) loo.get(key + "_ci")).as(key).hasSize(2);
        }
        assertThat(loo).containsKey("retrieval_accuracy").containsEntry("improved_over", "snapkv pool=none");
        for (String file : List.of("results.csv", "report.md", "plots/ratio-loo-f16.png", "plots/kl-over-bytes.svg")) {
            assertThat(run.resolve(file)).isNotEmptyFile();
        }
        List<Map<String, Object>> full = results(run).stream()
                .filter(row -> "full".equals(row.get("policy")))
                .toList();
        assertThat(full).hasSize(2);
        assertThat((Double) full.getFirst().get("mean_kl")).isLessThan(1e-6);
    }

    @Test
    void anInterruptedRunGoesOn() throws IOException {
        Path run = folder.resolve("resumed");
        String[] options = {"--policies=snapkv,loo", "--budgets=0.2", "--experiments=perturbation,language,retrieval"};
        assertThat(run(run, options).code).isZero();
        Path file = run.resolve("measurements.jsonl");
        List<String> lines = Files.readAllLines(file);
        String results = Files.readString(run.resolve("results.json"));
        Files.write(file, lines.subList(0, lines.size() / 2));
        assertThat(run(run, options).code).isZero();
        assertThat(Files.readAllLines(file)).containsExactlyInAnyOrderElementsOf(lines);
        assertThat(Files.readString(run.resolve("results.json"))).isEqualTo(results);
        Outcome again = run(run, options);
        assertThat(again.err).contains("perturbation: nothing left to measure", "retrieval: nothing left");
        assertThat(run(run, "--policies=h2o", "--budgets=0.2", "--experiments=language").code)
                .isZero();
        assertThat(Files.readAllLines(file)).hasSizeGreaterThan(lines.size());
    }

    @Test
    void whatCannotBeIsSaidInOneLine() {
        Path run = folder.resolve("none");
        assertThat(run(run, "--experiments=speed").err).contains("no experiment 'speed'; there are perturbation,");
        assertThat(run(run, "--budgets=1.5").err).contains("budget 1.5");
        assertThat(run(run, "--policies=best").err).contains("no KV policy 'best'");
        assertThat(run(run, "--data=" + folder.resolve("missing.jsonl")).err).contains("missing.jsonl");
        assertThat(run(run, "--depths=150").err).contains("--depths are 0 to 100");
        assertThat(run(run, "--lengths=-5").err).contains("--draws and --lengths are at least 1");
        assertThat(run).doesNotExist();
    }

    @Test
    void whatAlwaysStaysIsNotASmallerBudget() throws IOException {
        Path run = folder.resolve("little");
        Outcome outcome = run(run, "--policies=snapkv", "--budgets=0.05,0.2", "--experiments=language");
        assertThat(outcome.code).as(outcome.err).isZero();
        assertThat(outcome.err).contains("left out budgets of 5.0 % for snapkv, which are less than the 36 tokens");
        assertThat(results(run)).extracting(row -> row.get("budget")).doesNotContain(0.05);
    }

    @Test
    void whereNothingCanBeMeasuredTheRunFails() throws IOException {
        Path text = folder.resolve("short.jsonl");
        Files.writeString(text, "{\"context\":\"A short text.\"}");
        Outcome outcome = run(
                folder.resolve("nothing"),
                "--policies=snapkv",
                "--budgets=0.2",
                "--experiments=perturbation,language",
                "--data=" + text);
        assertThat(outcome.code).isEqualTo(1);
        assertThat(outcome.err).contains("nothing could be measured; perturbation: left out documents that");
    }
}
