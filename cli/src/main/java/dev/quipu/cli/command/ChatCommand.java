package dev.quipu.cli.command;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.option.EngineFlags;
import dev.quipu.cli.option.FamiliarFlags;
import dev.quipu.cli.option.KvFlags;
import dev.quipu.cli.option.PromptTemplate;
import dev.quipu.cli.option.SamplingFlags;
import dev.quipu.runtime.GenerationLimits;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.sampling.SamplingOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A conversation in the terminal. */
@Command(
        name = "chat",
        description = "A conversation. A line that ends in \\ goes on in the next one; /help lists the commands."
                + " Ctrl-C stops an answer, a second one leaves.")
public final class ChatCommand implements Callable<Integer> {
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

    @Option(
            names = {"-sys", "--system-prompt"},
            paramLabel = "TEXT",
            description = "What the model is told before the conversation.")
    private String system = "";

    @Option(
            names = {"-n", "--predict", "--n-predict", "--max-tokens"},
            defaultValue = "-1",
            description = "Most tokens of an answer; -1 = until it ends. Default: -1.")
    private int maxTokens = -1;

    public ChatCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        SamplingOptions options = sampling.options();
        GenerationLimits limits = limits();
        familiar.check(console);
        kv.check();
        template.check();
        try (Model model = engine.open(console, Precision.FAST);
                Session session = engine.session(model, kv);
                ChatInput input = ChatInput.open(console)) {
            return new Chat(console, input, model, session, template, options, kv, limits, system).converse();
        }
    }

    private GenerationLimits limits() {
        try {
            return GenerationLimits.none().withMaxTokens(maxTokens);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }
}
