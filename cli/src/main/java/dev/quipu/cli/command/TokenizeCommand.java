package dev.quipu.cli.command;

import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.option.EngineFlags;
import dev.quipu.cli.option.TextInput;
import dev.quipu.gguf.GgufFile;
import dev.quipu.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows how a text becomes tokens. */
@Command(name = "tokenize", description = "Shows the tokens of a text, from the argument, a file, or standard input.")
public final class TokenizeCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text.")
    private String text = "";

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description = "The text, as an option.")
    private String prompt = "";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file with the text; - is standard input.")
    private String file = "";

    @Option(names = "--ids", description = "Print a JSON array of token ids, nothing else.")
    private boolean ids;

    @Option(names = "--no-bos", description = "Leave out what the model wants before the text.")
    private boolean noBos;

    @Option(names = "--no-parse-special", description = "Take control tokens in the text as plain text.")
    private boolean noParseSpecial;

    public TokenizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        String input = TextInput.read(text.isEmpty() ? prompt : text, file, console);
        try (GgufFile model = GgufFile.open(engine.file(console))) {
            Tokenizer tokenizer = engine.preTokenizer().isPresent()
                    ? Tokenizer.of(model.metadata(), engine.preTokenizer().get())
                    : Tokenizer.of(model.metadata());
            int[] tokens = tokenizer.encode(input, !noBos, !noParseSpecial);
            if (ids) {
                console.out()
                        .println(Arrays.stream(tokens)
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining(", ", "[", "]")));
            } else {
                for (int token : tokens) {
                    String piece = new String(tokenizer.bytes(token, true), StandardCharsets.UTF_8);
                    console.out().printf("%6d -> '%s'%n", token, piece);
                }
            }
        }
        return 0;
    }
}
