package dev.quipu.cli.command;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.option.EngineFlags;
import dev.quipu.cli.option.TextInput;
import dev.quipu.cli.perplexity.Divergence;
import dev.quipu.cli.perplexity.LogitsFile;
import dev.quipu.cli.perplexity.LogitsFileWriter;
import dev.quipu.cli.perplexity.Perplexity;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Perplexity of a text as llama-perplexity measures it: the text is cut into windows of the context's size, and the second
 * half of each is scored given what comes before it in the window.
 */
@Command(
        name = "perplexity",
        description =
                "Measures how well a model predicts a text, or how far it is from another, as llama-perplexity does.")
public final class PerplexityCommand implements Callable<Integer> {
    private static final int WINDOW = 512;
    private static final int MIN_WINDOW = 4;

    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "The text. Needed unless --kl-divergence, whose file holds its tokens.")
    private String file = "";

    @Option(names = "--chunks", defaultValue = "-1", description = "Most windows to score; -1 = all. Default: -1.")
    private int chunks = -1;

    @Option(
            names = {"--kl-divergence-base", "--save-all-logits"},
            paramLabel = "FILE",
            description = "llama.cpp's logits file: written, or with --kl-divergence read.")
    private String base = "";

    @Option(names = "--kl-divergence", description = "Compare with the predictions in the --kl-divergence-base file.")
    private boolean divergence;

    public PerplexityCommand(Console console) {
        this.console = console;
    }

    /** Takes the logits of a scored position and the token that follows it. */
    private interface Scorer {
        void score(float[] logits, int next) throws IOException;
    }

    @Override
    public Integer call() throws IOException {
        if (divergence && base.isEmpty()) {
            throw CommandFailure.usage("--kl-divergence needs --kl-divergence-base FILE");
        }
        if (!divergence && file.isEmpty()) {
            throw CommandFailure.usage("Missing required option: '--file=FILE'");
        }
        return divergence ? compare() : measure();
    }

    private int measure() throws IOException {
        String text = TextInput.file(Path.of(file));
        int window = engine.contextTokens() == 0 ? WINDOW : engine.contextTokens();
        if (window < MIN_WINDOW) {
            throw CommandFailure.usage("-c must be at least " + MIN_WINDOW + ", for windows with a half to score");
        }
        try (Model model = engine.open(console, Precision.FAST)) {
            int[] tokens = model.tokenizer().encode(text, true, false);
            if (tokens.length < 2 * window) {
                throw CommandFailure.failed("the text has " + tokens.length + " tokens, but at least " + 2 * window
                        + " are needed for windows of " + window);
            }
            int windows = windows(tokens.length / window);
            int[] used = Arrays.copyOf(tokens, windows * window);
            Perplexity perplexity = new Perplexity();
            int vocabulary = model.config().vocabularySize();
            try (Session session = engine.session(model, window);
                    LogitsFileWriter writer =
                            base.isEmpty() ? null : new LogitsFileWriter(Path.of(base), window, vocabulary, used)) {
                console.err()
                        .printf(
                                "perplexity: calculating perplexity over %d chunks, n_ctx=%d, batch_size=%d, n_seq=1%n",
                                windows, window, window);
                Scorer scorer = (logits, next) -> {
                    perplexity.add(logits, next);
                    if (writer != null) {
                        writer.write(logits);
                    }
                };
                score(model, session, used, window, scorer, i -> {
                    console.out().printf(Locale.ROOT, "[%d]%.4f,", i, perplexity.value());
                    console.out().flush();
                });
                if (writer != null) {
                    writer.finish();
                }
            }
            console.out().println();
            console.out()
                    .printf(
                            Locale.ROOT,
                            "Final estimate: PPL = %.4f +/- %.5f%n",
                            perplexity.value(),
                            perplexity.error());
        }
        return 0;
    }

    private int compare() throws IOException {
        try (LogitsFile logits = LogitsFile.open(Path.of(base));
                Model model = engine.open(console, Precision.FAST)) {
            if (logits.vocabulary() != model.config().vocabularySize()) {
                throw CommandFailure.failed(base + " is of a vocabulary of " + logits.vocabulary()
                        + " tokens, the model's has " + model.config().vocabularySize());
            }
            int window = logits.window();
            int windows = windows(logits.windows());
            Divergence scores = new Divergence(logits);
            try (Session session = engine.session(model, window)) {
                Divergence.printHeading(console.out());
                score(model, session, Arrays.copyOf(logits.tokens(), windows * window), window, scores::add, i -> {
                    scores.printLine(console.out(), i);
                    console.out().flush();
                });
            }
            console.out().println();
            scores.printSummary(console.out());
        }
        return 0;
    }

    private int windows(int all) {
        if (chunks == 0) {
            throw CommandFailure.usage("--chunks must be 1 or more, or -1 for all");
        }
        return chunks < 0 ? all : Math.min(all, chunks);
    }

    /** @param done told the number of each window that has been scored */
    private void score(
            Model model,
            Session session,
            int[] tokens,
            int window,
            Scorer scorer,
            java.util.function.IntConsumer done) {
        int windows = tokens.length / window;
        long start = System.nanoTime();
        for (int i = 0; i < windows; i++) {
            int[] text = Arrays.copyOfRange(tokens, i * window, (i + 1) * window);
            int[] given = text.clone();
            if (model.tokenizer().addsBos()) {
                given[0] = model.tokenizer().bos().orElseThrow();
            }
            session.clear();
            int first = window / 2;
            session.evaluateAll(given, (position, logits) -> {
                if (position >= first && position + 1 < window) {
                    try {
                        scorer.score(logits, text[position + 1]);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            if (i == 0) {
                double seconds = (System.nanoTime() - start) / 1e9;
                console.err()
                        .printf(
                                Locale.ROOT,
                                "perplexity: %.2f seconds per pass - ETA %.2f minutes%n",
                                seconds,
                                seconds * windows / 60);
            }
            done.accept(i + 1);
        }
    }
}
