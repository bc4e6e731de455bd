package dev.quipu.bench.plot;

import dev.quipu.bench.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws what {@code quipu-bench -o json} measured. */
@Command(
        name = "plot",
        description =
                "Draws tokens per second over depth, over threads and by model, as far as the files have several of"
                        + " them, as PNG and SVG.")
public final class PlotCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "What -o json wrote; llama-bench's works, too.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "STEM",
            description = "Pictures are named STEM-depth.png and so on. Default: throughput.")
    private String stem = "throughput";

    public PlotCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        List<Measured> results = new ArrayList<>();
        for (Path file : files) {
            results.addAll(Measured.read(file));
        }
        List<String> written = new Pictures(results).write(stem);
        if (written.isEmpty()) {
            throw new IllegalArgumentException(
                    "nothing to draw: the files hold results of one model, one depth and one number of threads");
        }
        written.forEach(streams.out()::println);
        return 0;
    }
}
