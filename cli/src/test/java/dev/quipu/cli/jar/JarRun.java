package dev.quipu.cli.jar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A start of the built jar as a person starts it: {@code java -jar quipu.jar}, with standard streams of its own. */
final class JarRun {
    private static final int MAX_SECONDS = 120;
    private static final int SIGINT = 2;
    /** The JVM's own word on the module of vectors. */
    private static final String INCUBATOR = "WARNING: Using incubator modules: jdk.incubator.vector\n";

    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    private Path jar = jar();
    private String input = "";

    /** How it ended, and what it wrote. */
    record Result(int exitCode, String out, String err) {}

    /** The jar under test. */
    static Path jar() {
        String jar = System.getenv("QUIPU_JAR");
        assertThat(jar).as("QUIPU_JAR, set by Maven's failsafe plugin").isNotNull();
        return Path.of(jar);
    }

    static Result of(Object... arguments) throws IOException {
        return new JarRun().run(arguments);
    }

    JarRun java(Path executable) {
        java = executable;
        return this;
    }

    JarRun jar(Path file) {
        jar = file;
        return this;
    }

    JarRun environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    JarRun input(String text) {
        input = text;
        return this;
    }

    Process start(Path out, Path err, Path in, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(interruptible());
        command.addAll(List.of(java.toString(), "-jar", jar.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("QUIPU_"));
        builder.environment().put("QUIPU_MODELS", new File(out.toFile().getParentFile(), "models").getPath());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** What undoes that a shell starts its background jobs with SIGINT ignored (proc_pid_status(5)), which processes inherit. */
    private static List<String> interruptible() throws IOException {
        Path status = Path.of("/proc/self/status");
        boolean ignored = Files.isReadable(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line -> (Long.parseUnsignedLong(line.split("\\s+")[1], 16) & 1L << SIGINT - 1) != 0);
        return ignored ? List.of("env", "--default-signal=INT") : List.of();
    }

    Result run(Object... arguments) throws IOException {
        Path folder = Files.createTempDirectory("jar-run");
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Path in = Files.writeString(folder.resolve("in"), input);
        try {
            return await(start(out, err, in, arguments), out, err);
        } finally {
            for (Path file : List.of(out, err, in)) {
                Files.deleteIfExists(file);
            }
            Files.delete(folder);
        }
    }

    static Result await(Process process, Path out, Path err) throws IOException {
        try {
            if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
                process.destroy();
                throw new AssertionError("still running after " + MAX_SECONDS + " seconds: " + Files.readString(err));
            }
        } catch (InterruptedException e) {
            process.destroy();
            throw new AssertionError("interrupted", e);
        }
        return new Result(
                process.exitValue(),
                Files.readString(out),
                Files.readString(err).replaceFirst(INCUBATOR, ""));
    }
}
