package dev.quipu.bench.eviction;

import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Threshold;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What an experiment could not measure, and why. */
final class LeftOut {
    private final Map<String, Integer> reasons = new LinkedHashMap<>();

    /** @param what in the plural, with the reason */
    void add(String what) {
        reasons.merge(what, 1, Integer::sum);
    }

    /** Whether a budget holds what the policy always keeps. One that does not would be another budget, and is left out. */
    boolean affords(KvPolicy policy, double budget, int cells) {
        int always = policy.sinks() + policy.window();
        boolean enough = policy.selection() instanceof Threshold || cells >= always;
        if (!enough) {
            add(String.format(
                    Locale.ROOT,
                    "budgets of %.1f %% for %s, which are less than the %d tokens that it always keeps",
                    budget * 100,
                    policy.text(),
                    always));
        }
        return enough;
    }

    /** In words; empty if all could be measured. */
    String text() {
        return reasons.entrySet().stream()
                .map(reason -> "%s (%d)".formatted(reason.getKey(), reason.getValue()))
                .collect(Collectors.joining("; "));
    }
}
