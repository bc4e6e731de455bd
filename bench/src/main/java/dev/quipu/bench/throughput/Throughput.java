package dev.quipu.bench.throughput;

import dev.quipu.bench.Streams;
import dev.quipu.bench.limit.Limits;
import dev.quipu.bench.peer.PeerCommand;
import dev.quipu.bench.peer.PeerSpeed;
import dev.quipu.bench.progress.Progress;
import dev.quipu.bench.table.Printer;
import dev.quipu.bench.table.Row;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * llama-bench's method: each workload is run untimed, then timed several times, with an empty cache, or one filled to
 * the depth, before each. Between two of our repetitions the peer, if there is one, is run once.
 */
public final class Throughput {
    /** What C2 takes to compile most of what a token needs. */
    private static final long WARM_UP_NANOS = 3_000_000_000L;

    /** For the last layer of a prompt, which is computed as that of a token is, but once in a prompt. */
    private static final long TOKEN_WARM_UP_NANOS = 1_000_000_000L;

    /** The longest that what is still interpreted, which shows by what it allocates, is waited for. */
    private static final long LONGEST_WARM_UP_NANOS = 4 * WARM_UP_NANOS;

    /** Compiled code allocates less than this for a token. */
    private static final int STEADY_BYTES = 1024;

    /** Tokens computed untimed after the peer had the processor. */
    private static final int REWARM_PROMPT = 64;

    private static final int REWARM_GENERATED = 8;

    @Mixin
    private ThroughputOptions options = new ThroughputOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "md, csv, json, jsonl or sql, on standard output. Default: md.")
    private String format = "md";

    @Option(
            names = {"-oe", "--output-err"},
            paramLabel = "FORMAT",
            description = "Likewise, on standard error, besides.")
    private @Nullable String errorFormat;

    @Option(names = "--progress", description = "A line on standard error for each step.")
    private boolean progressLines;

    @Option(names = "--plain", description = "llama-bench's columns only: the machine's limits are not measured.")
    private boolean plain;

    @Option(
            names = "--peer",
            paramLabel = "CMD",
            description =
                    "Another engine's benchmark command, run in turn with ours; MODEL -t T -p P -n N -r 1 -d D -ctk K"
                            + " -ctv V is added to it, with the model in the place of {model} if it says so. It prints JSON.")
    private @Nullable String peerCommand;

    private final Set<Integer> limitsWarm = new HashSet<>();

    /** Times everything that was asked for and prints each result when it is there. */
    public void run(Streams streams) throws IOException {
        List<Setting> settings = options.settings();
        List<Workload> workloads = options.workloads();
        Optional<PeerCommand> peer = Optional.ofNullable(peerCommand).map(PeerCommand::new);
        Progress progress = new Progress(streams.err(), progressLines);
        ResultTable table = new ResultTable(settings, !plain, peer.isPresent());
        List<String> footer = new ArrayList<>();
        Printer out = Printer.of(format, table.columns(), footer);
        Printer err = errorFormat == null ? null : Printer.of(errorFormat, table.columns(), footer);
        out.begin(streams.out());
        if (err != null) {
            err.begin(streams.err());
        }
        int total = settings.size() * workloads.size();
        int number = 0;
        Model model = null;
        try {
            for (int i = 0; i < settings.size(); i++) {
                Setting setting = settings.get(i);
                if (model == null || !setting.sharesModel(settings.get(i - 1))) {
                    close(model);
                    model = Model.open(setting.model(), setting.engine());
                }
                ModelCost cost = ModelCost.of(setting.model());
                for (Workload workload : workloads) {
                    progress.say("benchmark " + ++number + "/" + total + ": " + workload.label());
                    pause();
                    Result result = measure(model, cost, setting, workload, peer, progress);
                    progress.clear();
                    result.limits().ifPresent(limits -> footer.add(describe(limits, workload)));
                    Row row = table.row(result);
                    out.row(streams.out(), row);
                    if (err != null) {
                        err.row(streams.err(), row);
                    }
                }
            }
        } finally {
            close(model);
        }
        footer.addFirst("build: " + Build.version() + " (0), " + Build.java());
        out.end(streams.out());
        if (err != null) {
            err.end(streams.err());
        }
    }

    private static void close(@Nullable Model model) {
        if (model != null) {
            model.close();
        }
    }

    private Result measure(
            Model model,
            ModelCost cost,
            Setting setting,
            Workload workload,
            Optional<PeerCommand> peer,
            Progress progress)
            throws IOException {
        Instant begun = Instant.now();
        Optional<Limits> before = limits(model.threads(), progress);
        boolean comparable = peer.isPresent() && (workload.prompt() == 0 || workload.generated() == 0);
        List<Stopwatch.Lap> laps = new ArrayList<>();
        List<PeerSpeed> speeds = new ArrayList<>();
        try (Session session = model.newSession(setting.session(workload))) {
            Stopwatch watch = new Stopwatch(session, workload, setting.batch());
            if (!options.noWarmup) {
                progress.say(workload.label() + ": warm-up");
                warmUp(watch, workload);
            }
            for (int i = 1; i <= options.repetitions; i++) {
                if (comparable && i > 1) {
                    watch.run(
                            Math.min(workload.prompt(), REWARM_PROMPT),
                            Math.min(workload.generated(), REWARM_GENERATED));
                }
                progress.say(workload.label() + ": run " + i + "/" + options.repetitions);
                laps.add(watch.run());
                if (comparable) {
                    progress.say(workload.label() + ": peer run " + i + "/" + options.repetitions);
                    speeds.add(peer.orElseThrow()
                            .run(
                                    setting.model(),
                                    model.threads(),
                                    workload.prompt(),
                                    workload.generated(),
                                    workload.depth(),
                                    ResultTable.lower(setting.keys()),
                                    ResultTable.lower(setting.values())));
                }
            }
        }
        Optional<Limits> limits =
                before.map(b -> b.mean(limits(model.threads(), progress).orElseThrow()));
        return new Result(setting, workload, model, cost, begun, laps, limits, speeds);
    }

    private static void warmUp(Stopwatch watch, Workload workload) {
        long nanos = 0;
        while (nanos < TOKEN_WARM_UP_NANOS) {
            nanos += watch.run(0, Math.min(workload.tokens(), REWARM_GENERATED)).nanos();
        }
        boolean steady = false;
        while (nanos < WARM_UP_NANOS || !steady && nanos < LONGEST_WARM_UP_NANOS) {
            Stopwatch.Lap lap = watch.run();
            nanos += lap.nanos();
            steady = lap.allocatedBytes() < STEADY_BYTES * (long) workload.tokens();
        }
    }

    private Optional<Limits> limits(int threads, Progress progress) {
        if (plain) {
            return Optional.empty();
        }
        progress.say("limits of the machine");
        if (limitsWarm.add(threads)) {
            Limits.measure(threads);
        }
        return Optional.of(Limits.measure(threads));
    }

    private static String describe(Limits limits, Workload workload) {
        return String.format(
                Locale.ROOT,
                "limits around %s: %d threads read %.1f GB/s, multiply and add %.0f G/s in FP32, %.0f G/s in int16",
                workload.label(),
                limits.threads(),
                limits.readBytes() / 1e9,
                limits.fp32() / 1e9,
                limits.int16() / 1e9);
    }

    private void pause() {
        try {
            Thread.sleep(options.delay * 1000L);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
