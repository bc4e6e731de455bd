package dev.quipu.bench.throughput;

import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** llama-bench's options, and three of our own. Every combination of what the lists hold is timed. */
public final class ThroughputOptions {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            split = ",",
            description = "GGUF files.")
    List<Path> models = new ArrayList<>();

    @Option(
            names = {"-p", "--n-prompt"},
            paramLabel = "N",
            description = "Prompt lengths; 0 = none. Default: 512.")
    List<String> prompts = List.of("512");

    @Option(
            names = {"-n", "--n-gen"},
            paramLabel = "N",
            description = "Numbers of tokens to generate; 0 = none. Default: 128.")
    List<String> generated = List.of("128");

    @Option(
            names = "-pg",
            paramLabel = "PP,TG",
            description = "A prompt and what is generated after it, timed together.")
    List<String> both = new ArrayList<>();

    @Option(
            names = {"-d", "--n-depth"},
            paramLabel = "N",
            description = "Tokens in the cache before the time starts. Default: 0.")
    List<String> depths = List.of("0");

    @Option(
            names = {"-b", "--batch-size"},
            paramLabel = "N",
            description = "Tokens handed over at a time. Default: 2048.")
    List<String> batches = List.of("2048");

    @Option(
            names = {"-ub", "--ubatch-size"},
            paramLabel = "N",
            description = "Tokens computed at a time. Default: 512.")
    List<String> microBatches = List.of("512");

    @Option(
            names = {"-ctk", "--cache-type-k"},
            paramLabel = "TYPE",
            split = ",",
            description = "How keys are stored: f32, f16, q8_0, q4_0. Default: f16.")
    List<String> keys = List.of("f16");

    @Option(
            names = {"-ctv", "--cache-type-v"},
            paramLabel = "TYPE",
            split = ",",
            description = "How values are stored, likewise.")
    List<String> values = List.of("f16");

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads. Default: one per physical core.")
    List<String> threads = List.of("0");

    @Option(
            names = "--kernel",
            paramLabel = "WIDTH",
            split = ",",
            description = "auto, scalar, 128, 256, 512 (bits). Default: auto.")
    List<String> kernels = List.of("auto");

    @Option(names = "--precision", paramLabel = "P", split = ",", description = "fast, float. Default: fast.")
    List<String> precisions = List.of("fast");

    @Option(
            names = {"-r", "--repetitions"},
            paramLabel = "N",
            description = "Timed repetitions of each test. Default: 5.")
    int repetitions = 5;

    @Option(names = "--delay", paramLabel = "SECONDS", description = "Pause before each test. Default: 0.")
    int delay;

    @Option(names = "--no-warmup", description = "Time the first run, too; until it is compiled, Java is slow.")
    boolean noWarmup;

    List<Setting> settings() {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("-m FILE is needed: which model?");
        }
        if (repetitions < 1) {
            throw new IllegalArgumentException("-r must be 1 or more, not " + repetitions);
        }
        List<Setting> settings = new ArrayList<>();
        for (Path model : models) {
            for (String kernel : kernels) {
                for (String precision : precisions) {
                    for (int batch : positive("-b", batches)) {
                        for (int microBatch : positive("-ub", microBatches)) {
                            for (String key : keys) {
                                for (String value : values) {
                                    for (int count : Numbers.parse("-t", threads)) {
                                        settings.add(new Setting(
                                                model,
                                                KernelChoice.parse(kernel),
                                                precision(precision),
                                                count,
                                                batch,
                                                microBatch,
                                                kvType("-ctk", key),
                                                kvType("-ctv", value)));
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return settings;
    }

    /** In llama-bench's order: at each depth prompts, then generations, then both together. */
    List<Workload> workloads() {
        List<Workload> workloads = new ArrayList<>();
        for (int depth : Numbers.parse("-d", depths)) {
            for (int prompt : Numbers.parse("-p", prompts)) {
                workloads.add(new Workload(prompt, 0, depth));
            }
            for (int tokens : Numbers.parse("-n", generated)) {
                workloads.add(new Workload(0, tokens, depth));
            }
            for (String pair : both) {
                List<Integer> numbers = Numbers.parse("-pg", List.of(pair));
                if (numbers.size() != 2) {
                    throw new IllegalArgumentException("-pg must be two numbers such as 512,128, not '" + pair + "'");
                }
                workloads.add(new Workload(numbers.get(0), numbers.get(1), depth));
            }
        }
        workloads.removeIf(workload -> workload.tokens() == 0);
        if (workloads.isEmpty()) {
            throw new IllegalArgumentException("nothing to time: -p, -n and -pg are all 0");
        }
        return workloads;
    }

    private static List<Integer> positive(String option, List<String> texts) {
        List<Integer> numbers = Numbers.parse(option, texts);
        if (numbers.contains(0)) {
            throw new IllegalArgumentException(option + " must be 1 or more");
        }
        return numbers;
    }

    private static Precision precision(String text) {
        return switch (text) {
            case "fast" -> Precision.FAST;
            case "float" -> Precision.FLOAT;
            default -> throw new IllegalArgumentException("--precision must be fast or float, not '" + text + "'");
        };
    }

    private static KvType kvType(String option, String text) {
        return Arrays.stream(KvType.values())
                .filter(type -> type.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(option + " must be one of "
                        + Arrays.toString(KvType.values()).toLowerCase(Locale.ROOT) + ", not '" + text + "'"));
    }
}
