package dev.quipu.bench;

import dev.quipu.bench.eviction.KvCommand;
import dev.quipu.bench.kernel.KernelsCommand;
import dev.quipu.bench.plot.PlotCommand;
import dev.quipu.bench.throughput.Throughput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command {@code quipu-bench}. */
@Command(
        name = "quipu-bench",
        synopsisSubcommandLabel = "[COMMAND]",
        description = "Measures throughput as llama-bench does, and how good KV eviction is.")
public final class QuipuBench implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private final Streams streams;

    @Mixin
    private Throughput throughput = new Throughput();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Prints this help.")
    private boolean help;

    private QuipuBench(Streams streams) {
        this.streams = streams;
    }

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(execute(new Streams(out, err), args));
    }

    /** Runs a command line to its end and returns the exit code. Nothing is thrown. */
    public static int execute(Streams streams, String... args) {
        CommandLine root = new CommandLine(new QuipuBench(streams))
                .addSubcommand(new KvCommand(streams.out(), streams.err()))
                .addSubcommand(new KernelsCommand())
                .addSubcommand(new PlotCommand(streams));
        int code = root.setPosixClusteredShortOptionsAllowed(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setOut(new PrintWriter(streams.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, arguments) -> usage(streams, e))
                .setExecutionExceptionHandler((e, command, result) -> failure(streams, e))
                .execute(args);
        streams.out().flush();
        return code;
    }

    @Override
    public Integer call() throws IOException {
        throughput.run(streams);
        return 0;
    }

    private static int usage(Streams streams, ParameterException e) {
        line(streams, String.valueOf(e.getMessage()));
        streams.err().println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }

    private static int failure(Streams streams, Exception e) {
        boolean known = e instanceof IOException
                || e instanceof IllegalArgumentException
                || e instanceof IllegalStateException
                || e.getClass().getName().startsWith("dev.quipu.");
        String message =
                switch (e) {
                    case NoSuchFileException missing -> "no such file: " + missing.getMessage();
                    case FileAlreadyExistsException taken -> taken.getMessage() + " is a file, not a folder";
                    case AccessDeniedException denied -> denied.getMessage() + ": permission denied";
                    default -> e.getMessage();
                };
        line(streams, known && message != null ? message : e.toString());
        return FAILED;
    }

    /** What comes from a file cannot move the cursor or colour the terminal. */
    private static void line(Streams streams, String message) {
        String line = message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cc}", "?");
        streams.err().println("quipu-bench: " + line);
    }
}
