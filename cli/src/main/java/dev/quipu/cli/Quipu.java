package dev.quipu.cli;

import dev.quipu.cli.command.ChatCommand;
import dev.quipu.cli.command.EvalCommand;
import dev.quipu.cli.command.InspectCommand;
import dev.quipu.cli.command.KvCommand;
import dev.quipu.cli.command.ListCommand;
import dev.quipu.cli.command.PerplexityCommand;
import dev.quipu.cli.command.PullCommand;
import dev.quipu.cli.command.RmCommand;
import dev.quipu.cli.command.RunCommand;
import dev.quipu.cli.command.TokenizeCommand;
import dev.quipu.cli.option.EngineFlags;
import dev.quipu.runtime.Model;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code quipu}. */
@Command(
        name = "quipu",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Runs large language models (GGUF files) on the CPU.",
        subcommands = HelpCommand.class,
        footer = {
            "",
            "Every option can also be set in the environment: --ctx-size as QUIPU_CTX_SIZE.",
            "QUIPU_MODELS names the folder of the model store, QUIPU_HUB another hub, QUIPU_JAVA_HOME the Java to use,",
            "QUIPU_JAVA_OPTS more options for it (such as -Xmx8g).",
            "Exit codes: 0 fine, 1 failed, 2 wrong usage, 130 interrupted."
        })
public final class Quipu implements Runnable {
    private static final Map<String, Function<Console, Object>> COMMANDS = commands();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--version", versionHelp = true, description = "Prints the version.")
    private boolean version;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    private Quipu() {}

    public static void main(String[] args) {
        if (EngineFlags.isQuickStart()) {
            Model.prepare();
        }
        Locale.setDefault(Locale.ROOT); // numbers are for scripts, too
        System.exit(execute(Console.system(), args));
    }

    /** Runs a command line to its end and returns the exit code. Nothing is thrown. */
    public static int execute(Console console, String... args) {
        EnvironmentDefaults defaults = new EnvironmentDefaults(console.environment());
        ErrorReport errors = new ErrorReport(console, defaults);
        try {
            int code = commandLine(console, defaults, errors, args).execute(args);
            console.out().flush();
            return code;
        } catch (RuntimeException | Error e) {
            return errors.failure(e);
        } finally {
            console.err().flush();
        }
    }

    private static Map<String, Function<Console, Object>> commands() {
        Map<String, Function<Console, Object>> commands = new LinkedHashMap<>();
        commands.put("run", RunCommand::new);
        commands.put("chat", ChatCommand::new);
        commands.put("pull", PullCommand::new);
        commands.put("list", ListCommand::new);
        commands.put("rm", RmCommand::new);
        commands.put("inspect", InspectCommand::new);
        commands.put("tokenize", TokenizeCommand::new);
        commands.put("perplexity", PerplexityCommand::new);
        commands.put("eval", EvalCommand::new);
        commands.put("kv", KvCommand::of);
        return commands;
    }

    /** With the commands that are needed to understand {@code args}: reading the annotations of all takes longer than most run. */
    static CommandLine commandLine(Console console, EnvironmentDefaults defaults, ErrorReport errors, String... args) {
        CommandLine root = new CommandLine(new Quipu());
        COMMANDS.forEach((name, command) -> {
            if (isNeeded(name, args)) {
                root.addSubcommand(name, command.apply(console));
            }
        });
        return root.setDefaultValueProvider(defaults)
                .setExpandAtFiles(false)
                .setPosixClusteredShortOptionsAllowed(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setOut(new PrintWriter(console.out(), true))
                .setErr(new PrintWriter(console.err(), true))
                .setParameterExceptionHandler((e, all) -> errors.usage(e))
                .setExecutionExceptionHandler((e, command, result) -> errors.failure(e, command, result));
    }

    private static boolean isNeeded(String command, String... args) {
        String first = args.length == 0 ? "" : args[0];
        if (COMMANDS.containsKey(first)) {
            return command.equals(first);
        }
        return args.length != 1 || !first.equals("--version");
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which command? One of " + spec.subcommands().keySet());
    }
}
