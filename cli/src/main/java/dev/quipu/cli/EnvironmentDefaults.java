package dev.quipu.cli;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Takes an option that is not on the command line from the environment: {@code --ctx-size} from QUIPU_CTX_SIZE. Of an option
 * with several names, each has a variable.
 */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private final Map<String, String> environment;

    EnvironmentDefaults(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return null;
        }
        Optional<String> value = setting(option).map(environment::get);
        return value.map(text -> option.arity().max() == 0 ? flag(text) : text).orElse(null);
    }

    /** The variables that set {@code option}, the longest name's first. None sets help. */
    static List<String> variables(OptionSpec option) {
        if (option.usageHelp() || option.versionHelp()) {
            return List.of();
        }
        return Arrays.stream(option.names())
                .filter(name -> name.startsWith("--"))
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(name -> "QUIPU_" + name.substring(2).replace('-', '_').toUpperCase(Locale.ROOT))
                .toList();
    }

    /** The variable that does set {@code option}. */
    Optional<String> setting(OptionSpec option) {
        return variables(option).stream()
                .filter(variable -> !environment.getOrDefault(variable, "").isEmpty())
                .findFirst();
    }

    private static String flag(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "1", "on", "yes" -> "true";
            case "0", "off", "no" -> "false";
            default -> value;
        };
    }
}
