package dev.quipu.cli.command;

import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** About the KV cache. */
@Command(name = "kv", description = "About the KV cache: what it can forget.")
public final class KvCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private KvCommand() {}

    /** The command with its subcommands. */
    public static CommandLine of(Console console) {
        return new CommandLine(new KvCommand()).addSubcommand("policies", new KvPoliciesCommand(console));
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which command? One of " + spec.subcommands().keySet());
    }
}
