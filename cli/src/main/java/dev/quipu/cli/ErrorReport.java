package dev.quipu.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says in one line on standard error what went wrong. With -v, where it happened follows. */
final class ErrorReport {
    private final Console console;
    private final EnvironmentDefaults defaults;

    ErrorReport(Console console, EnvironmentDefaults defaults) {
        this.console = console;
        this.defaults = defaults;
    }

    /** A wrong command line. */
    int usage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String message = String.valueOf(e.getMessage());
        if (e.getArgSpec() instanceof OptionSpec option) {
            message += defaults.setting(option).map(ErrorReport::set).orElse("");
        }
        line(message);
        String name = command.getCommandSpec().qualifiedName();
        console.err().println("Try '" + name + " --help'.");
        return ExitCode.USAGE;
    }

    /** A command that failed. */
    int failure(Throwable failure, CommandLine command, ParseResult result) {
        CommandSpec spec = command.getCommandSpec();
        if (failure instanceof CommandFailure known && known.exitCode() == ExitCode.USAGE) {
            line(known.getMessage() + fromEnvironment(String.valueOf(known.getMessage()), spec, result));
            verbose(failure, spec);
            return ExitCode.USAGE;
        }
        int code = failure(failure);
        verbose(failure, spec);
        return code;
    }

    /** A failure of whatever was going on. */
    int failure(Throwable failure) {
        return switch (failure) {
            case ResultStream.ReaderGone gone -> ExitCode.FINE;
            case CommandFailure known -> {
                line(String.valueOf(known.getMessage()));
                yield known.exitCode();
            }
            default -> {
                line(FailureText.of(failure));
                yield ExitCode.FAILED;
            }
        };
    }

    private void verbose(Throwable failure, CommandSpec spec) {
        OptionSpec option = spec.findOption("-v");
        if (option != null && Boolean.TRUE.equals(option.getValue()) && !(failure instanceof ResultStream.ReaderGone)) {
            failure.printStackTrace(console.err());
        }
    }

    /**
     * Which variables may be to blame: those of the options that the message names, else of those whose value it quotes, else
     * all that are set.
     */
    private String fromEnvironment(String message, CommandSpec spec, ParseResult result) {
        List<OptionSpec> set = spec.options().stream()
                .filter(option -> defaults.setting(option).isPresent() && !result.hasMatchedOption(option))
                .toList();
        List<OptionSpec> blamed = set.stream()
                .filter(option -> Stream.of(option.names()).anyMatch(name -> contains(message, name)))
                .toList();
        if (blamed.isEmpty()) {
            blamed = set.stream()
                    .filter(option -> values(option)
                            .anyMatch(
                                    value -> message.contains("'" + value + "'") || contains(message, "not " + value)))
                    .toList();
        }
        return (blamed.isEmpty() ? set : blamed)
                .stream()
                        .flatMap(option -> defaults.setting(option).stream())
                        .reduce((a, b) -> a + ", " + b)
                        .map(ErrorReport::set)
                        .orElse("");
    }

    /** Whether {@code words} are in a message, and do not just begin or end there. */
    private static boolean contains(String message, String words) {
        return Pattern.compile("(?<![\\w.-])" + Pattern.quote(words) + "(?![\\w.-])")
                .matcher(message)
                .find();
    }

    private static Stream<String> values(OptionSpec option) {
        Object value = option.getValue();
        return value instanceof List<?> list ? list.stream().map(String::valueOf) : Stream.of(String.valueOf(value));
    }

    private static String set(String variables) {
        return " (" + variables + " is set in the environment)";
    }

    /** What comes from a file cannot move the cursor or colour the terminal. */
    private void line(String message) {
        String line = message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cc}", "?");
        console.err().println("quipu: " + line);
    }
}
