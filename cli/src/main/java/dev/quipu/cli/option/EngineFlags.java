package dev.quipu.cli.option;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.SessionOptions;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** How a command computes: which model, threads, kernels, context, batches. */
public final class EngineFlags {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE|NAME",
            description = "A GGUF file, or the name of a pulled model. Default: smollm2-135m, which is pulled once.")
    private String model = "";

    @Option(
            names = {"-t", "--threads"},
            description = "Threads that compute. Default: one per physical core.")
    private int threads;

    @Option(
            names = {"-c", "--ctx-size"},
            description = "Most tokens of context; 0 = what the model was trained for.")
    private int contextTokens;

    @Option(
            names = {"-b", "--batch-size"},
            defaultValue = "2048",
            description = "Most tokens handed over at a time; the smaller of -b and -ub counts. Default: 2048.")
    private int batchSize = 2048;

    @Option(
            names = {"-ub", "--ubatch-size"},
            defaultValue = "512",
            description = "Prompt tokens computed at a time. Default: 512.")
    private int microBatchSize = 512;

    @Option(
            names = "--kernel",
            defaultValue = "auto",
            description = "auto, scalar, 128, 256 or 512 (bits). Default: auto.")
    private String kernel = "auto";

    @Option(
            names = "--precision",
            description = "fast: activations are quantised to 8 bits where weights are, as llama.cpp does;"
                    + " float: they stay 32-bit floats, and so does the KV cache.")
    private String precision = "";

    @Option(
            names = {"-ctk", "--cache-type-k"},
            description = "How keys are stored: f32, f16, q8_0 or q4_0. Default: f16.")
    private String keyType = "";

    @Option(
            names = {"-ctv", "--cache-type-v"},
            description = "How values are stored, likewise.")
    private String valueType = "";

    @Option(
            names = "--override-pretokenizer",
            paramLabel = "NAME",
            description = "Used instead of the file's tokenizer.ggml.pre.")
    private String preTokenizer = "";

    @Option(names = "--no-warmup", description = "Do not have kernels compiled before the first prompt.")
    private boolean noWarmUp;

    @Option(names = "--no-mmap", description = "Refused: weights are always memory-mapped.")
    private boolean noMmap;

    @Option(
            names = {"-ngl", "--gpu-layers", "--n-gpu-layers"},
            paramLabel = "N",
            description = "Accepted for llama.cpp's sake, and ignored: everything runs on the CPU.")
    private String gpuLayers = "";

    /** Whether the launcher has started a JVM that compiles early, for a person who waits. */
    public static boolean isQuickStart() {
        return Boolean.getBoolean("quipu.warmup");
    }

    /** Opens the model and says on standard error which kernels and how many threads compute. */
    public Model open(Console console, Precision byDefault) throws IOException {
        if (noMmap) {
            throw CommandFailure.usage(
                    "--no-mmap: weights are used where they lie in the mapped file, and never copied");
        }
        if (!gpuLayers.isEmpty()) {
            console.err().println("note: -ngl is ignored, everything runs on the CPU");
        }
        sessionOptions(contextTokens); // wrong ones are reported before the model is looked for
        EngineOptions options;
        try {
            options = EngineOptions.defaults()
                    .withThreads(threads)
                    .withKernel(KernelChoice.parse(kernel))
                    .withPrecision(precision.isEmpty() ? byDefault : parsePrecision())
                    .withWarmUp(!noWarmUp && isQuickStart());
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
        if (!preTokenizer.isEmpty()) {
            options = options.withPreTokenizer(preTokenizer);
        }
        Model opened = Model.open(ModelFile.resolve(model, console), options);
        console.err().printf("%s | %s | %d threads%n", opened.description(), opened.kernels(), opened.threads());
        return opened;
    }

    /** Where the model's file is, pulled if it must be. */
    public java.nio.file.Path file(Console console) throws IOException {
        return ModelFile.resolve(model, console);
    }

    /** The pre-tokenizer to use instead of the file's. */
    public Optional<String> preTokenizer() {
        return preTokenizer.isEmpty() ? Optional.empty() : Optional.of(preTokenizer);
    }

    /** The context asked for; 0 if none was. */
    public int contextTokens() {
        return contextTokens;
    }

    public Session session(Model opened, int atLeastTokens) {
        return opened.newSession(sessionOptions(atLeastTokens));
    }

    /** A session of the context asked for, that forgets as these flags say. */
    public Session session(Model opened, KvFlags kv) {
        SessionOptions options = sessionOptions(contextTokens);
        options = options.withKv(kv.options(options.kv()));
        try {
            return opened.newSession(options);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }

    private SessionOptions sessionOptions(int context) {
        try {
            SessionOptions options = SessionOptions.defaults()
                    .withContextTokens(context)
                    .withBatchTokens(Math.min(batchSize, microBatchSize));
            if (!keyType.isEmpty()) {
                options = options.withKeys(kvType("-ctk", keyType));
            }
            return valueType.isEmpty() ? options : options.withValues(kvType("-ctv", valueType));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }

    private Precision parsePrecision() {
        return switch (precision.toLowerCase(Locale.ROOT)) {
            case "fast" -> Precision.FAST;
            case "float" -> Precision.FLOAT;
            default -> throw new IllegalArgumentException("--precision must be fast or float, not '" + precision + "'");
        };
    }

    private static KvType kvType(String option, String text) {
        return Arrays.stream(KvType.values())
                .filter(type -> type.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(option + " must be "
                        + Arrays.stream(KvType.values())
                                .map(type -> type.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))
                        + ", not '" + text + "'"));
    }
}
