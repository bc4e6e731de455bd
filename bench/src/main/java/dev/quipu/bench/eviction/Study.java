package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.plot.NeedlePictures;
import dev.quipu.bench.eviction.plot.Pictures;
import dev.quipu.bench.eviction.report.Report;
import dev.quipu.bench.eviction.report.Result;
import dev.quipu.bench.eviction.report.Summary;
import dev.quipu.bench.eviction.result.RunDirectory;
import dev.quipu.bench.eviction.statistics.Bootstrap;
import dev.quipu.bench.progress.Progress;
import dev.quipu.runtime.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One run: measures what is missing, then writes the report. */
final class Study {
    private final Model model;
    private final StudyOptions options;
    private final RunDirectory run;
    private final Progress progress;

    Study(Model model, StudyOptions options, RunDirectory run, Progress progress) {
        this.model = model;
        this.options = options;
        this.run = run;
        this.progress = progress;
    }

    /**
     * Measures; what was measured before is not measured again.
     *
     * @throws IOException if there is nothing that could be measured, too
     */
    void measure(Set<String> names) throws IOException {
        Caches caches = new Caches(model, options.rows().getFirst());
        List<Experiment> all = List.of(
                new PerturbationExperiment(caches, options, run),
                new LanguageExperiment(caches, options, run),
                new RetrievalExperiment(caches, options, run),
                new SystemsExperiment(caches, options, run));
        List<String> reasons = new ArrayList<>();
        for (Experiment experiment : all) {
            if (names.contains(experiment.name())) {
                measure(experiment);
                reasons.add("%s: %s".formatted(experiment.name(), reason(experiment)));
            }
        }
        if (run.all().isEmpty()) {
            throw new IOException("nothing could be measured; " + String.join("; ", reasons));
        }
    }

    private static String reason(Experiment experiment) {
        return experiment.steps() == 0 ? "no text is as short as --max-tokens" : "left out " + experiment.leftOut();
    }

    private void measure(Experiment experiment) throws IOException {
        long nanos = 0;
        int measured = 0;
        for (int step = 0; step < experiment.steps(); step++) {
            long start = System.nanoTime();
            if (experiment.run(step)) {
                nanos += System.nanoTime() - start;
                measured++;
                progress.step(experiment.name(), step + 1, experiment.steps(), measured, nanos);
            }
        }
        if (!experiment.leftOut().isEmpty()) {
            progress.say(experiment.name() + ": left out " + experiment.leftOut());
        } else if (measured == 0) {
            progress.say(experiment.name() + ": nothing left to measure");
        }
    }

    /** Writes numbers and pictures of all that has been measured. */
    Report report(Map<String, Object> settings, int draws) throws IOException {
        int group = model.config().heads() / model.config().kvHeads();
        Bootstrap bootstrap = new Bootstrap(draws, options.seed());
        Summary summary = new Summary(
                run, bootstrap, text -> Contender.parse(text).baseline().text(), group);
        List<Result> results = summary.results();
        Report report = new Report(settings, results, Summary.cells(run));
        report.write(run.folder());
        new Pictures(results, summary, model.config().heads()).write(run.folder());
        double shown = options.budgets().stream()
                .min(Comparator.comparingDouble(budget -> Math.abs(budget - 0.2)))
                .orElse(1.0);
        new NeedlePictures(run, shown).write(run.folder());
        return report;
    }
}
