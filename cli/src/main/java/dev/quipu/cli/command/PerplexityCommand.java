package dev.quipu.cli.command;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.option.EngineFlags;
import dev.quipu.cli.option.TextInput;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
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
@Command(name = "perplexity", description = "Measures how well a model predicts a text, as llama-perplexity does.")
public final class PerplexityCommand implements Callable<Integer> {
    private static final int WINDOW = 512;

    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "The text.")
    private String file = "";

    @Option(names = "--chunks", defaultValue = "-1", description = "Most windows to score; -1 = all. Default: -1.")
    private int chunks = -1;

    public PerplexityCommand(Console console) {
        this.console = console;
    }

    /** Sums over the scored tokens. */
    private static final class Scores {
        private int count;
        private double nll;
        private double squares;

        void add(float[] logits, int next) {
            double max = Double.NEGATIVE_INFINITY;
            for (float logit : logits) {
                max = Math.max(max, logit);
            }
            double sum = 0;
            for (float logit : logits) {
                sum += Math.exp(logit - max);
            }
            double surprise = Math.log(sum) + max - logits[next];
            nll += surprise;
            squares += surprise * surprise;
            count++;
        }

        double perplexity() {
            return Math.exp(nll / count);
        }

        /** Standard error of the perplexity. */
        double error() {
            double mean = nll / count;
            double variance = squares / count - mean * mean;
            return variance > 0 && count > 1 ? Math.sqrt(variance / (count - 1)) * Math.exp(mean) : 0;
        }
    }

    @Override
    public Integer call() throws IOException {
        String text = TextInput.file(Path.of(file));
        int window = engine.contextTokens() == 0 ? WINDOW : engine.contextTokens();
        try (Model model = engine.open(console, Precision.FAST);
                Session session = engine.session(model, window)) {
            int[] tokens = model.tokenizer().encode(text, true, false);
            if (tokens.length < 2 * window) {
                throw CommandFailure.failed("the text has " + tokens.length + " tokens, but at least " + 2 * window
                        + " are needed for windows of " + window);
            }
            int windows = tokens.length / window;
            if (chunks >= 0) {
                windows = Math.min(windows, chunks);
            }
            console.err()
                    .printf(
                            "perplexity: calculating perplexity over %d chunks, n_ctx=%d, batch_size=%d, n_seq=1%n",
                            windows, window, window);
            Scores scores = new Scores();
            long start = System.nanoTime();
            for (int i = 0; i < windows; i++) {
                score(session, Arrays.copyOfRange(tokens, i * window, (i + 1) * window), model, scores);
                if (i == 0) {
                    double seconds = (System.nanoTime() - start) / 1e9;
                    console.err()
                            .printf(
                                    Locale.ROOT,
                                    "perplexity: %.2f seconds per pass - ETA %.2f minutes%n",
                                    seconds,
                                    seconds * windows / 60);
                }
                console.out().printf(Locale.ROOT, "[%d]%.4f,", i + 1, scores.perplexity());
                console.out().flush();
            }
            console.out().println();
            console.out()
                    .printf(Locale.ROOT, "Final estimate: PPL = %.4f +/- %.5f%n", scores.perplexity(), scores.error());
        }
        return 0;
    }

    private static void score(Session session, int[] window, Model model, Scores scores) {
        if (model.tokenizer().addsBos()) {
            window[0] = model.tokenizer().bos().orElseThrow();
        }
        session.clear();
        int first = window.length / 2;
        session.evaluateAll(window, (position, logits) -> {
            if (position >= first && position + 1 < window.length) {
                scores.add(logits, window[position + 1]);
            }
        });
    }
}
