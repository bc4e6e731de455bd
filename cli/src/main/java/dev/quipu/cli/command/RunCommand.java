package dev.quipu.cli.command;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.option.EngineFlags;
import dev.quipu.cli.option.FamiliarFlags;
import dev.quipu.cli.option.KvFlags;
import dev.quipu.cli.option.PromptTemplate;
import dev.quipu.cli.option.SamplingFlags;
import dev.quipu.cli.option.TextInput;
import dev.quipu.runtime.Generation;
import dev.quipu.runtime.GenerationLimits;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.StopReason;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.sampling.SamplingOptions;
import dev.quipu.runtime.template.ChatMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers one prompt. */
@Command(
        name = "run",
        description = "Answers one prompt, from the argument, a file, or standard input. The answer goes to standard"
                + " output as it is written, everything else to standard error.")
public final class RunCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Mixin
    private SamplingFlags sampling = new SamplingFlags();

    @Mixin
    private FamiliarFlags familiar = new FamiliarFlags();

    @Mixin
    private PromptTemplate template = new PromptTemplate();

    @Mixin
    private KvFlags kv = new KvFlags();

    @Parameters(arity = "0..1", paramLabel = "PROMPT", description = "The prompt.")
    private String argument = "";

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description = "The prompt, as an option.")
    private String prompt = "";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file with the prompt; - is standard input.")
    private String file = "";

    @Option(
            names = {"-sys", "--system-prompt"},
            paramLabel = "TEXT",
            description = "What the model is told before the prompt.")
    private String system = "";

    @Option(
            names = {"-n", "--predict", "--n-predict", "--max-tokens"},
            defaultValue = "-1",
            description = "Most tokens of the answer; -1 = until it ends. Default: -1.")
    private int maxTokens = -1;

    @Option(
            names = {"-r", "--reverse-prompt"},
            paramLabel = "TEXT",
            description = "Stop at this text. Repeatable.")
    private List<String> stopTexts = new ArrayList<>();

    @Option(
            names = {"--raw", "-no-cnv", "--no-conversation"},
            description = "Continue the prompt as it is, without a chat template.")
    private boolean raw;

    @Option(
            names = {"-e", "--escape"},
            description = "Replace \\\\n, \\\\t, \\\\\" and their like in the prompt.")
    private boolean escape;

    @Option(names = "--no-perf", description = "No timing lines.")
    private boolean noPerf;

    public RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        SamplingOptions options = sampling.options();
        GenerationLimits limits = limits();
        familiar.check(console);
        kv.check();
        template.check();
        String text = TextInput.read(argument.isEmpty() ? prompt : argument, file, console);
        if (escape) {
            text = unescaped(text);
        }
        if (text.isEmpty()) {
            throw CommandFailure.usage("the prompt is empty");
        }
        long start = System.nanoTime();
        try (Model model = engine.open(console, Precision.FAST);
                Session session = engine.session(model, kv)) {
            long loadNanos = System.nanoTime() - start;
            int[] tokens = raw ? model.tokenizer().encode(text, true, true) : template.tokens(model, messages(text));
            if (tokens.length == 0) {
                throw CommandFailure.usage("the prompt has no tokens");
            }
            if (kv.protectsSystem() && !raw) {
                session.protectFirst(template.fixedTokens(model, messages(text)));
            }
            try (Generation answer = session.generate(tokens, options, limits)) {
                while (answer.hasNext()) {
                    console.out().print(answer.next());
                    console.out().flush();
                }
                console.out().println();
                console.out().flush();
                if (answer.stopReason().orElseThrow() == StopReason.CONTEXT_FULL) {
                    console.err().println("stopped: the context of " + session.contextTokens() + " tokens is full");
                }
                new KvReport(kv).lines(answer.timings().kvLoss(), session).forEach(console.err()::println);
                if (!noPerf) {
                    TimingLines.print(console.err(), loadNanos, answer.timings());
                }
            }
        }
        return 0;
    }

    private static String unescaped(String text) {
        try {
            return text.translateEscapes();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("-e: " + e.getMessage());
        }
    }

    private GenerationLimits limits() {
        try {
            return GenerationLimits.none().withMaxTokens(maxTokens).withStopTexts(stopTexts);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }

    private List<ChatMessage> messages(String text) {
        return system.isEmpty()
                ? List.of(ChatMessage.user(text))
                : List.of(ChatMessage.system(system), ChatMessage.user(text));
    }
}
