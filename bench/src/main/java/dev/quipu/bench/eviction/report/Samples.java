package dev.quipu.bench.eviction.report;

import dev.quipu.bench.eviction.result.Key;
import dev.quipu.bench.eviction.result.Measurement;
import dev.quipu.bench.eviction.result.RunDirectory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The measurements of a run by what they are of, each with its documents or questions. */
final class Samples {
    /** A policy with its rows and budget. */
    record Setting(String policy, String rows, double budget) {}

    private final Map<String, Map<Setting, Map<String, Measurement>>> experiments = new LinkedHashMap<>();

    Samples(RunDirectory run) {
        for (Measurement measurement : run.all()) {
            Key key = measurement.key();
            experiments
                    .computeIfAbsent(key.experiment(), name -> new LinkedHashMap<>())
                    .computeIfAbsent(
                            new Setting(key.policy(), key.rows(), key.budget()), setting -> new LinkedHashMap<>())
                    .put(key.item(), measurement);
        }
    }

    /** All settings, in the order in which they were first measured. */
    List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        experiments.values().forEach(one -> one.keySet().stream()
                .filter(setting -> !settings.contains(setting))
                .forEach(settings::add));
        return settings;
    }

    /** By document or question. */
    Map<String, Measurement> of(String experiment, Setting setting) {
        return experiments.getOrDefault(experiment, Map.of()).getOrDefault(setting, Map.of());
    }

    /** The documents that both settings were measured on, in a fixed order. */
    List<String> common(String experiment, Setting a, Setting b) {
        Set<String> items = new TreeSet<>(of(experiment, a).keySet());
        items.retainAll(of(experiment, b).keySet());
        return List.copyOf(items);
    }
}
