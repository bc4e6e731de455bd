package dev.quipu.cli.command;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.ResultFile;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.option.EngineFlags;
import dev.quipu.cli.option.TextInput;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes all logits of a row of tokens, for comparing engines. */
@Command(
        name = "eval",
        description = "Computes all logits of a row of tokens and writes them as float32[positions][vocabulary],"
                + " little-endian. Computes in floats unless --precision fast is given.")
public final class EvalCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Option(
            names = "--tokens",
            required = true,
            paramLabel = "IDS|@FILE",
            description = "Token ids separated by commas, or a file with a JSON array of them.")
    private String tokens = "";

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "Where the logits go.")
    private String output = "";

    public EvalCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        int[] ids = ids();
        try (Model model = engine.open(console, Precision.FLOAT);
                Session session = engine.session(model, Math.max(ids.length, engine.contextTokens()))) {
            try (ResultFile out = ResultFile.create(Path.of(output))) {
                session.evaluateAll(ids, (position, logits) -> write(out, logits));
                out.complete();
            }
        }
        return 0;
    }

    private static void write(OutputStream out, float[] logits) {
        ByteBuffer bytes = ByteBuffer.allocate(logits.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(logits);
        try {
            out.write(bytes.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int[] ids() throws IOException {
        String text = tokens.startsWith("@") ? TextInput.file(Path.of(tokens.substring(1))) : tokens;
        try {
            int[] ids = Arrays.stream(text.replaceAll("[\\[\\]\\s]", "").split(","))
                    .filter(id -> !id.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            if (ids.length == 0) {
                throw CommandFailure.usage("--tokens holds no token");
            }
            return ids;
        } catch (NumberFormatException e) {
            throw CommandFailure.usage(
                    "--tokens must be token ids separated by commas, or @FILE with a JSON array of them");
        }
    }
}
