package dev.quipu.cli.command;

import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.eviction.PolicyParameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.jr.ob.JSON;

/** Prints what {@code --kv-policy} takes. */
@Command(name = "policies", description = "Lists the eviction policies with paper, axes and parameters.")
public final class KvPoliciesCommand implements Callable<Integer> {
    private static final String FULL = "everything is kept";

    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    KvPoliciesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (json) {
            console.out()
                    .println(JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(tree()));
            return 0;
        }
        console.out().printf("%-18s %-17s %s%n", "NAME", "PAPER", "WHAT IT KEEPS; PARAMETERS WITH THEIR DEFAULTS");
        console.out().printf("%-18s %-17s %s%n", "full", "", FULL);
        for (KvPreset preset : KvPreset.values()) {
            console.out().printf("%-18s %-17s %s%n", preset.presetName(), preset.source(), preset.summary());
            StringBuilder values = new StringBuilder();
            parameters(preset)
                    .forEach((key, value) ->
                            values.append(' ').append(key).append('=').append(value));
            console.out().printf("%-18s %-17s%s%n", "", "", values);
        }
        console.out().println();
        console.out().println("parameters, after the name: --kv-policy critical-adakv,alpha=0.25,pool=none");
        for (PolicyParameter parameter : PolicyParameter.values()) {
            console.out().printf("  %-10s %-34s %s%n", parameter.key(), parameter.allowed(), parameter.meaning());
        }
        return 0;
    }

    private static Map<String, String> parameters(KvPreset preset) {
        Map<String, String> values = new LinkedHashMap<>();
        for (PolicyParameter parameter : PolicyParameter.values()) {
            Optional<String> value = parameter.get(preset.policy());
            value.ifPresent(text -> values.put(parameter.key(), text));
        }
        return values;
    }

    private static Map<String, Object> tree() {
        List<Map<String, Object>> policies = new ArrayList<>();
        policies.add(policy("full", "", FULL, Map.of()));
        for (KvPreset preset : KvPreset.values()) {
            policies.add(policy(preset.presetName(), preset.source(), preset.summary(), parameters(preset)));
        }
        List<Map<String, Object>> parameters = new ArrayList<>();
        for (PolicyParameter parameter : PolicyParameter.values()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("key", parameter.key());
            fields.put("allowed", parameter.allowed());
            fields.put("meaning", parameter.meaning());
            parameters.add(fields);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("policies", policies);
        tree.put("parameters", parameters);
        return tree;
    }

    private static Map<String, Object> policy(
            String name, String paper, String summary, Map<String, String> parameters) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("paper", paper);
        fields.put("summary", summary);
        fields.put("parameters", parameters);
        return fields;
    }
}
