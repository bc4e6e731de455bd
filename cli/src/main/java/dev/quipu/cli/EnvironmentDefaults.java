package dev.quipu.cli;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Takes an option that is not on the command line from the environment: {@code --ctx-size} from QUIPU_CTX_SIZE. */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private final Map<String, String> environment;

    EnvironmentDefaults(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        String value = environment.get(variable(option));
        if (value == null || value.isEmpty()) {
            return null;
        }
        return option.arity().max() == 0 ? flag(value) : value;
    }

    /** The variable that sets {@code option}. */
    static String variable(OptionSpec option) {
        return "QUIPU_"
                + option.longestName().replaceFirst("^-+", "").replace('-', '_').toUpperCase(Locale.ROOT);
    }

    boolean sets(OptionSpec option) {
        return defaultValue(option) != null;
    }

    private static String flag(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "1", "on", "yes" -> "true";
            case "0", "off", "no" -> "false";
            default -> value;
        };
    }
}
