package dev.quipu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Every option of every command can be set in the environment. */
final class EnvironmentDefaultsTest {
    /** Variables that mean something else. */
    private static final List<String> TAKEN =
            List.of("QUIPU_MODELS", "QUIPU_HUB", "QUIPU_JAVA_HOME", "QUIPU_JAVA_OPTS", "QUIPU_SHARED", "QUIPU_JAR");

    static Stream<Arguments> options() {
        List<Arguments> options = new ArrayList<>();
        collect(commandLine(Map.of()), List.of(), options);
        return options.stream();
    }

    private static void collect(CommandLine command, List<String> path, List<Arguments> options) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!option.usageHelp() && !option.versionHelp()) {
                options.add(Arguments.of(String.join(" ", path), option.longestName()));
            }
        }
        command.getSubcommands().forEach((name, subcommand) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            collect(subcommand, longer, options);
        });
    }

    @ParameterizedTest
    @MethodSource("options")
    void setsEveryOption(String command, String name) {
        OptionSpec unset = parse(Map.of(), command, name);
        String text = value(unset);
        assertThat(EnvironmentDefaults.variables(unset)).isNotEmpty();
        for (String variable : EnvironmentDefaults.variables(unset)) {
            assertThat(variable).matches("QUIPU_[A-Z0-9_]+").isNotIn(TAKEN);

            OptionSpec set = parse(Map.of(variable, text), command, name);

            Object value = set.getValue();
            assertThat(value instanceof List<?> list ? list.getFirst() : value)
                    .isNotEqualTo(unset.getValue())
                    .hasToString(text.equals("yes") ? "true" : set.type() == float.class ? "7.0" : text);
        }
    }

    /** Numbers and flags; what other texts may be is not known before they are used. */
    static Stream<Arguments> numbersAndFlags() {
        return options().filter(arguments -> parse(Map.of(), (String) arguments.get()[0], (String)
                        arguments.get()[1])
                .type()
                .isPrimitive());
    }

    @ParameterizedTest
    @MethodSource("numbersAndFlags")
    void namesTheVariableOfAValueThatCannotBe(String command, String name) {
        OptionSpec option = parse(Map.of(), command, name);
        for (String variable : EnvironmentDefaults.variables(option)) {
            QuipuRun run = QuipuRun.with(Map.of(variable, "nonsense"), "", arguments(command, option, false));
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains(variable, "nonsense").doesNotContain("\tat ");
            assertThat(run.out()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "KERNEL, 1024",
        "PRECISION, double",
        "CACHE_TYPE_K, q2_0",
        "CACHE_TYPE_V, q2_0",
        "SAMPLERS, nonsense",
        "SAMPLER_SEQ, ?",
        "SAMPLING_SEQ, ?",
        "LOGIT_BIAS, much",
        "KV_POLICY, nonsense",
        "KV_CHUNKED, true",
        "KV_POSITIONS, sideways",
        "CHAT_TEMPLATE, absent",
        "CTX_SIZE, -1",
        "THREADS, -1",
        "UBATCH_SIZE, 0",
        "BATCH_SIZE, -5",
        "TEMP, NaN",
        "TOP_P, NaN",
        "MIROSTAT, 3",
        "N_PREDICT, -7",
    })
    void semanticErrorsToo(String variable, String value) {
        QuipuRun run = QuipuRun.with(
                Map.of("QUIPU_" + variable, value, "QUIPU_SEED", "1"), "", "run", "-m", "absent.gguf", "hello");
        assertThat(run.err()).contains("QUIPU_" + variable).doesNotContain("QUIPU_SEED");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void theCommandLineGoesFirst() {
        CommandLine command = commandLine(Map.of("QUIPU_TOP_K", "5", "QUIPU_REVERSE_PROMPT", "stop"));
        command.parseArgs("run", "--top-k", "9", "-r", "halt", "hello");
        CommandLine run = command.getSubcommands().get("run");
        assertThat(option(run, "--top-k").<Integer>getValue()).isEqualTo(9);
        assertThat(option(run, "--reverse-prompt").<List<String>>getValue()).containsExactly("halt");
    }

    @Test
    void noVariableMeansTwoOptionsOfACommand() {
        Map<String, Set<String>> variables = new LinkedHashMap<>();
        options().forEach(arguments -> {
            String command = (String) arguments.get()[0];
            String name = (String) arguments.get()[1];
            for (String variable : EnvironmentDefaults.variables(parse(Map.of(), command, name))) {
                assertThat(variables
                                .computeIfAbsent(command, c -> new HashSet<>())
                                .add(variable))
                        .as("%s %s", command, name)
                        .isTrue();
            }
        });
        assertThat(variables).containsKeys("run", "chat", "inspect", "kv policies");
    }

    private static String value(OptionSpec option) {
        return option.type() == boolean.class ? "yes" : option.type() == String.class ? "text" : "7";
    }

    private static OptionSpec parse(Map<String, String> environment, String path, String name) {
        CommandLine command = commandLine(environment);
        CommandLine target = command;
        for (String part : path.isEmpty() ? new String[0] : path.split(" ")) {
            target = target.getSubcommands().get(part);
        }
        command.parseArgs(arguments(path, option(target, name), environment.isEmpty()));
        return option(target, name);
    }

    /** A command line that needs nothing else: what is required is given, the option in question only if {@code all}. */
    private static String[] arguments(String path, OptionSpec tested, boolean all) {
        List<String> arguments = new ArrayList<>(path.isEmpty() ? List.of() : List.of(path.split(" ")));
        for (OptionSpec option : tested.command().options()) {
            if (option.required() && (all || !option.longestName().equals(tested.longestName()))) {
                arguments.add(option.longestName() + "=1");
            }
        }
        for (PositionalParamSpec parameter : tested.command().positionalParameters()) {
            if (parameter.required()) {
                arguments.add("absent.gguf");
            }
        }
        return arguments.toArray(String[]::new);
    }

    private static OptionSpec option(CommandLine command, String name) {
        return command.getCommandSpec().findOption(name);
    }

    private static CommandLine commandLine(Map<String, String> environment) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        Console console =
                new Console(InputStream.nullInputStream(), nowhere, nowhere, environment, Console.Terminal.NONE);
        EnvironmentDefaults defaults = new EnvironmentDefaults(environment);
        return Quipu.commandLine(console, defaults, new ErrorReport(console, defaults));
    }
}
