package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.result.RunDirectory;
import java.util.ArrayList;
import java.util.List;

/**
 * What an experiment has to measure of a document or question: every policy at every budget, those of one policy together, and
 * what of it was not measured yet.
 *
 * @param experiment its name
 * @param contenders policies
 * @param budgets shares of the bytes of a full cache
 * @param run what was measured
 */
record Trials(String experiment, List<Contender> contenders, List<Double> budgets, RunDirectory run) {
    /** One policy at one budget. */
    record Trial(Key key, Contender contender, double budget) {}

    static Trials of(String experiment, StudyOptions options, RunDirectory run) {
        return new Trials(experiment, options.contenders(), options.budgets(), run);
    }

    Key full(String item, Rows rows) {
        return Key.full(experiment, item, rows.text());
    }

    boolean lacksFull(String item, Rows rows) {
        return !run.has(full(item, rows));
    }

    /** Whether anything is missing, the full cache among it. */
    boolean lacks(String item, Rows rows) {
        return lacksFull(item, rows) || !missing(item, rows).isEmpty();
    }

    List<Trial> missing(String item, Rows rows) {
        List<Trial> missing = new ArrayList<>();
        for (Contender contender : contenders) {
            for (double budget : budgets) {
                Key key = new Key(experiment, item, contender.text(), rows.text(), budget);
                if (!run.has(key)) {
                    missing.add(new Trial(key, contender, budget));
                }
            }
        }
        return missing;
    }
}
