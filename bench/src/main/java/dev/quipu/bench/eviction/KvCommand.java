package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.data.Document;
import dev.quipu.bench.eviction.data.DocumentFile;
import dev.quipu.bench.eviction.data.Generator;
import dev.quipu.bench.eviction.data.Question;
import dev.quipu.bench.eviction.data.QuestionFile;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.bench.progress.Progress;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quipu-bench kv}: measures policies of KV eviction on a model. */
@Command(
        name = "kv",
        description = {
            "Measures how good KV eviction is: output perturbation by query head, language, retrieval, bytes and speed.",
            "One prompt, many policies. Writes results.json, results.csv, report.md and plots; a run that was interrupted"
                    + " goes on where it stopped."
        })
public final class KvCommand implements Callable<Integer> {
    private static final List<String> EXPERIMENTS = List.of(
            PerturbationExperiment.NAME, LanguageExperiment.NAME, RetrievalExperiment.NAME, SystemsExperiment.NAME);

    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "FILE",
            description = "Model, a GGUF file.")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description =
                    "Documents, a .jsonl file or plain text; or questions, lines with input and outputs. May be repeated."
                            + " Without documents, texts are made up.")
    private List<Path> data = List.of();

    @Option(
            names = "--field",
            paramLabel = "NAME",
            description = "Field of a line that holds the text (${DEFAULT-VALUE}).")
    private String field = "context";

    @Option(names = "--skip", paramLabel = "N", description = "Documents and questions of a file to leave out first.")
    private int skip;

    @Option(names = "--limit", paramLabel = "N", description = "Most documents and questions of a file.")
    private int limit = Integer.MAX_VALUE;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longest prompt (${DEFAULT-VALUE}).")
    private int maxTokens = 4096;

    @Option(
            names = "--experiments",
            split = ",",
            paramLabel = "NAME",
            description = "Of perturbation, language, retrieval, systems (all).")
    private List<String> experiments = EXPERIMENTS;

    @Option(
            names = "--policies",
            paramLabel = "LIST",
            description =
                    "Policies, each with its parameters after it: snapkv,pool=none,loo. 'presets' are all presets,"
                            + " 'ablation' is pooling x epsilon x alpha x group x centre (${DEFAULT-VALUE}).")
    private String policies = "presets,snapkv,pool=none";

    @Option(
            names = "--budgets",
            split = ",",
            paramLabel = "SHARE",
            description = "Shares of the full cache's bytes (${DEFAULT-VALUE}).")
    private List<Double> budgets = List.of(0.025, 0.05, 0.1, 0.2, 0.4, 0.6);

    @Option(
            names = "--rows",
            paramLabel = "LIST",
            description =
                    "Types of keys and values, f16,q8_0,q8_0/q4_0; the first is what budgets and divergences refer to"
                            + " (f16, or f32 with --precision float).")
    private String rows = "";

    @Option(names = "--lengths", split = ",", paramLabel = "N", description = "Tokens of made-up texts with questions.")
    private int[] lengths = {512, 1024, 2048, 4096};

    @Option(names = "--depths", split = ",", paramLabel = "PERCENT", description = "Where needles stand.")
    private int[] depths = {0, 25, 50, 75, 100};

    @Option(names = "--each", paramLabel = "N", description = "Needles per length and depth (${DEFAULT-VALUE}).")
    private int each = 2;

    @Option(
            names = "--keys",
            paramLabel = "N",
            description = "Made-up lists of keys and values per length (as many as needles).")
    private @Nullable Integer keys;

    @Option(names = "--question-aware", description = "Compress the prompt when it holds the question already.")
    private boolean questionAware;

    @Option(
            names = {"-s", "--seed"},
            paramLabel = "S",
            description = "Seed of all that is drawn (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--draws", paramLabel = "N", description = "Draws of the bootstrap (${DEFAULT-VALUE}).")
    private int draws = 1000;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads; 0 = one per core (${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--precision", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    private Precision precision = Precision.FAST;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "Folder of the run.")
    private Path output = Path.of("");

    /**
     * @param out receives the report
     * @param err receives progress
     */
    public KvCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException {
        check();
        List<Contender> contenders = Contender.parseList(policies);
        List<Rows> kinds = Rows.parseList(rows.isEmpty() ? precision == Precision.FLOAT ? "f32" : "f16" : rows);
        EngineOptions engine = EngineOptions.defaults().withThreads(threads).withPrecision(precision);
        Progress progress = new Progress(err, true);
        try (Model opened = Model.open(model, engine)) {
            Generator generator = new Generator(seed, text -> opened.tokenizer().encode(text, false, false).length);
            StudyOptions options = new StudyOptions(
                    documents(generator),
                    questions(generator),
                    contenders,
                    budgets.stream().sorted().toList(),
                    kinds,
                    maxTokens,
                    questionAware,
                    seed);
            Map<String, Object> settings = settings(opened, kinds.getFirst());
            Study study = new Study(opened, options, RunDirectory.open(output, settings), progress);
            study.measure(Set.copyOf(experiments));
            settings.put("kernels", opened.kernels());
            settings.put("threads", opened.threads());
            out.print(study.report(settings, draws).markdown());
        }
        return 0;
    }

    private void check() {
        for (String name : experiments) {
            if (!EXPERIMENTS.contains(name)) {
                throw new IllegalArgumentException(
                        "no experiment '%s'; there are %s".formatted(name, String.join(", ", EXPERIMENTS)));
            }
        }
        for (double budget : budgets) {
            if (!(budget > 0 && budget <= 1)) {
                throw new IllegalArgumentException("budget " + budget + " is not above 0 and at most 1");
            }
        }
        if (maxTokens < 1 || limit < 1 || each < 1 || skip < 0 || (keys != null && keys < 0)) {
            throw new IllegalArgumentException(
                    "--max-tokens, --limit and --each are at least 1, --skip and --keys at least 0");
        }
        if (draws < 1 || Arrays.stream(lengths).anyMatch(length -> length < 1)) {
            throw new IllegalArgumentException("--draws and --lengths are at least 1");
        }
        if (Arrays.stream(depths).anyMatch(depth -> depth < 0 || depth > 100)) {
            throw new IllegalArgumentException("--depths are 0 to 100");
        }
    }

    private List<Document> documents(Generator generator) throws IOException {
        List<Document> documents = new ArrayList<>();
        for (Path file : data) {
            if (!QuestionFile.matches(file)) {
                documents.addAll(DocumentFile.read(file, field, skip, limit));
            }
        }
        return documents.isEmpty() ? generator.documents(Math.min(limit, 8), maxTokens + 512) : documents;
    }

    private List<Question> questions(Generator generator) throws IOException {
        int[] fitting =
                Arrays.stream(lengths).filter(length -> length <= maxTokens).toArray();
        List<Question> questions = new ArrayList<>(generator.needles(fitting, depths, each));
        questions.addAll(generator.keyValues(fitting, keys == null ? each * depths.length : keys));
        for (Path file : data) {
            if (QuestionFile.matches(file)) {
                questions.addAll(QuestionFile.read(file, skip, limit));
            }
        }
        return questions;
    }

    /** What must be equal for measurements to be comparable. */
    private Map<String, Object> settings(Model opened, Rows reference) throws IOException {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model", opened.description());
        settings.put("file", String.valueOf(model.getFileName()));
        settings.put("bytes", Files.size(model));
        settings.put(
                "data",
                data.stream().map(file -> String.valueOf(file.getFileName())).toList());
        settings.put("field", field);
        settings.put("max_tokens", maxTokens);
        settings.put("reference_rows", reference.text());
        settings.put("precision", precision.name().toLowerCase(java.util.Locale.ROOT));
        settings.put("question", questionAware ? "before eviction" : "after eviction");
        settings.put("seed", seed);
        return settings;
    }
}
