package dev.quipu.cli.command;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufFile;
import dev.quipu.gguf.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.jr.ob.JSON;

/** Shows what a GGUF file holds. */
@Command(name = "inspect", description = "Shows metadata, tensors and sizes of a GGUF file.")
public final class InspectCommand implements Callable<Integer> {
    private static final int MAX_VALUE = 160;

    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "FILE", description = "The file; of a split one, any part.")
    private Path file = Path.of("");

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = {"-c", "--ctx-size"},
            defaultValue = "0",
            description = "Estimate the KV cache for this context; 0 = the model's own.")
    private int contextTokens;

    public InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (contextTokens < 0) {
            throw CommandFailure.usage("context size must be 0 or more, not " + contextTokens);
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            if (json) {
                console.out()
                        .println(JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(json(gguf)));
            } else {
                print(gguf);
            }
        }
        return 0;
    }

    private void print(GgufFile gguf) {
        console.out()
                .printf(
                        "GGUF version %d, %d bytes, alignment %d%n",
                        gguf.version(), gguf.fileBytes(), gguf.alignment());
        console.out().printf("%n%d metadata:%n", gguf.metadata().keys().size());
        for (String key : gguf.metadata().keys()) {
            console.out().printf("  %s = %s%n", shortened(key), shortened(value(gguf, key)));
        }
        console.out().printf("%n%d tensors:%n", gguf.tensors().size());
        for (TensorInfo tensor : gguf.tensors()) {
            console.out()
                    .printf(
                            "  %-32s %-7s %-22s %12d bytes%n",
                            shortened(tensor.name()), tensor.type(), tensor.shape(), tensor.bytes());
        }
        console.out().printf("%nsizes by type:%n");
        byType(gguf).forEach((type, sizes) -> console.out()
                .printf(Locale.ROOT, "  %-7s %5d tensors %10.2f MiB%n", type, sizes[0], sizes[1] / 1048576.0));
        long kv = kvBytes(gguf);
        if (kv > 0) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%nmemory: %.2f MiB weights (mapped), %.2f MiB KV cache (f16, %d tokens)%n",
                            weightBytes(gguf) / 1048576.0,
                            kv / 1048576.0,
                            context(gguf));
        }
    }

    private Map<String, Object> json(GgufFile gguf) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", gguf.version());
        root.put("file_bytes", gguf.fileBytes());
        root.put("alignment", gguf.alignment());
        root.put(
                "metadata",
                gguf.metadata().keys().stream()
                        .collect(Collectors.toMap(
                                key -> key,
                                key -> MetadataJson.of(gguf.metadata().find(key).orElseThrow()),
                                (a, b) -> a,
                                LinkedHashMap::new)));
        root.put("tensors", gguf.tensors().stream().map(InspectCommand::json).toList());
        Map<String, Object> types = new LinkedHashMap<>();
        byType(gguf).forEach((type, sizes) -> types.put(type.name(), Map.of("tensors", sizes[0], "bytes", sizes[1])));
        root.put("types", types);
        root.put(
                "memory",
                Map.of("weights_bytes", weightBytes(gguf), "kv_bytes", kvBytes(gguf), "ctx_size", context(gguf)));
        return root;
    }

    private static Map<String, Object> json(TensorInfo tensor) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", tensor.name());
        map.put("type", tensor.type().name());
        map.put("shape", tensor.shape());
        map.put("offset", tensor.offset());
        map.put("bytes", tensor.bytes());
        return map;
    }

    private static String value(GgufFile gguf, String key) {
        return gguf.metadata().find(key).orElseThrow().toString();
    }

    private static String shortened(String value) {
        String line = printable(value);
        return line.length() <= MAX_VALUE ? line : line.substring(0, MAX_VALUE) + "…";
    }

    /** On one line, and without what would move the cursor or colour the terminal. */
    private static String printable(String text) {
        return text.replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t")
                .replaceAll("\\p{Cc}", "?");
    }

    /** Number and bytes of the tensors of each type. */
    private static Map<GgmlType, long[]> byType(GgufFile gguf) {
        Map<GgmlType, long[]> types = new EnumMap<>(GgmlType.class);
        for (TensorInfo tensor : gguf.tensors()) {
            long[] sizes = types.computeIfAbsent(tensor.type(), type -> new long[2]);
            sizes[0]++;
            sizes[1] += tensor.bytes();
        }
        return types;
    }

    private static long weightBytes(GgufFile gguf) {
        return gguf.tensors().stream().mapToLong(TensorInfo::bytes).sum();
    }

    private long context(GgufFile gguf) {
        return contextTokens > 0 ? contextTokens : number(gguf, "context_length", 0);
    }

    /** Keys and values in halves; 0 if the file does not say what they need, or says nonsense. */
    private long kvBytes(GgufFile gguf) {
        long layers = number(gguf, "block_count", 0);
        long heads = number(gguf, "attention.head_count", 0);
        if (heads < 1) {
            return 0;
        }
        long headLength = number(gguf, "embedding_length", 0) / heads;
        long channels =
                number(gguf, "attention.key_length", headLength) + number(gguf, "attention.value_length", headLength);
        try {
            long cells = Math.multiplyExact(context(gguf), layers);
            long cellBytes = Math.multiplyExact(
                    number(gguf, "attention.head_count_kv", heads), Math.multiplyExact(channels, Short.BYTES));
            return Math.max(0, Math.multiplyExact(cells, cellBytes));
        } catch (ArithmeticException overflow) {
            return 0;
        }
    }

    private static long number(GgufFile gguf, String key, long absent) {
        try {
            String architecture = gguf.metadata().string("general.architecture").orElse("");
            return gguf.metadata().integer(architecture + "." + key).orElse(absent);
        } catch (IllegalArgumentException differsByLayer) {
            return absent;
        }
    }
}
