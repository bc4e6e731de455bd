package dev.quipu.cli.option;

import picocli.CommandLine.Option;

/** What every command has. */
public final class CommonOptions {
    @Option(
            names = {"-v", "--verbose"},
            description = "Say more on standard error; after an error, where it happened.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    public boolean verbose() {
        return verbose;
    }
}
