package dev.quipu.bench.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the JMH benchmarks of this package. */
@Command(
        name = "kernels",
        description =
                "Measures single kernels with JMH: rows of weights against cached and streamed memory, tiles of prompts, attention, eviction."
                        + " Bytes and products per second are reported beside the operations.")
public final class KernelsCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "REGEX", description = "Which benchmarks. Default: all.")
    private String pattern = ".*";

    @Option(
            names = "--param",
            paramLabel = "NAME=VALUES",
            description =
                    "Values of a parameter, separated by commas, in the place of its own: --param type=Q5_K,Q3_K.")
    private List<String> parameters = new ArrayList<>();

    @Option(
            names = "--forks",
            paramLabel = "N",
            description = "JVMs one after the other for each benchmark; 0 = in this one. Default: 1.")
    private int forks = 1;

    @Option(names = "--seconds", paramLabel = "N", description = "Seconds of each iteration. Default: 1.")
    private int seconds = 1;

    @Override
    public Integer call() throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(pattern)
                .forks(forks)
                .warmupTime(TimeValue.seconds(seconds))
                .measurementTime(TimeValue.seconds(seconds));
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("--param must be NAME=VALUES, not '" + parameter + "'");
            }
            options.param(
                    parameter.substring(0, equals),
                    parameter.substring(equals + 1).split(",", -1));
        }
        new Runner(options.build()).run();
        return 0;
    }
}
