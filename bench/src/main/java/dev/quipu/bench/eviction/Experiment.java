package dev.quipu.bench.eviction;

import java.io.IOException;

/** One kind of measurement, in steps that can be interrupted between. */
sealed interface Experiment permits PerturbationExperiment, LanguageExperiment, RetrievalExperiment, SystemsExperiment {
    /** Name on the command line and in results. */
    String name();

    /** Number of steps, each a document or question. */
    int steps();

    /**
     * Measures what is missing of a step.
     *
     * @return whether anything was
     */
    boolean run(int step) throws IOException;

    /** What could not be measured, in words; empty if everything could. */
    default String leftOut() {
        return "";
    }
}
