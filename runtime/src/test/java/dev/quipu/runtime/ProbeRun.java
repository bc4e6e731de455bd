package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program of the tests that ran to its end in a JVM of its own, with the options that kernels want.
 *
 * @param output what it printed
 * @param log what C2 compiled
 */
public record ProbeRun(String output, CompilationLog log) {
    /**
     * @param folder for the log
     * @param options further ones for the JVM
     */
    public static ProbeRun of(Path folder, List<String> options, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(options);
        all.add("--enable-native-access=ALL-UNNAMED");
        return run(folder, all, program, arguments);
    }

    /** Where native access is denied. */
    static ProbeRun denied(Path folder, Class<?> program) throws IOException, InterruptedException {
        return run(folder, List.of("--illegal-native-access=deny"), program);
    }

    private static ProbeRun run(Path folder, List<String> options, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        Path log = folder.resolve("compilations.xml");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(CompilationLog.options(log));
        command.addAll(List.of(
                "--add-modules=jdk.incubator.vector",
                "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                "-XX:PerMethodRecompilationCutoff=10000"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return new ProbeRun(output, CompilationLog.read(log));
    }

    /** The lines on which it says what it allocated. */
    public Stream<String> allocations() {
        return output.lines().filter(line -> line.startsWith("bytes "));
    }
}
