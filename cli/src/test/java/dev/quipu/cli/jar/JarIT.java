package dev.quipu.cli.jar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.model.ModelFileBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a person, a shell and a script see of the built jar. */
final class JarIT {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");

    @TempDir
    Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model.gguf");
        new ModelFileBuilder(32, GgmlType.Q8_0)
                .integer("llama.context_length", 1 << 20)
                .write(model);
    }

    /** The Java of the tests, and every installed one: what is too old for Quipu must find one that is not. */
    static List<Path> javas() throws IOException {
        List<Path> javas = new ArrayList<>();
        javas.add(Path.of(System.getProperty("java.home"), "bin", "java"));
        if (Files.isDirectory(INSTALLED)) {
            try (Stream<Path> homes = Files.list(INSTALLED)) {
                homes.map(home -> home.resolve("bin/java"))
                        .filter(Files::isExecutable)
                        .filter(java -> !Files.isSymbolicLink(java.getParent().getParent()))
                        .filter(java -> !java.equals(javas.getFirst()))
                        .sorted()
                        .toList()
                        .forEach(javas::add);
            }
        }
        return javas;
    }

    @ParameterizedTest
    @MethodSource("javas")
    void startsOnEveryJava(Path java) throws IOException {
        JarRun.Result version = new JarRun().java(java).run("--version");
        assertThat(version.exitCode()).as(version.err()).isZero();
        assertThat(version.out()).startsWith("quipu ").doesNotContain("development");
        assertThat(version.err()).isEmpty();

        JarRun.Result answer = run(new JarRun().java(java).input("ab a"), "--no-perf");
        assertThat(answer.exitCode()).as(answer.err()).isZero();
        assertThat(answer.out()).isNotBlank();
        assertThat(answer.err().lines()).hasSize(1).first().asString().contains("llama", "threads");
    }

    @Test
    void answersGoToStandardOutputAndTheRestToStandardError() throws IOException {
        JarRun.Result fromArgument = run(new JarRun(), "ab a");
        JarRun.Result fromInput = run(new JarRun().input("ab a"), "-f", "-");
        Path file = Files.writeString(folder.resolve("prompt.txt"), "ab a");
        JarRun.Result fromFile = run(new JarRun(), "-f", file);
        assertThat(fromArgument.out()).isNotBlank().isEqualTo(fromInput.out()).isEqualTo(fromFile.out());
        assertThat(fromArgument.err()).contains("llama_perf_context_print:", "kv cache");
    }

    @Test
    void lastsThroughAChatFromAPipe() throws IOException {
        JarRun.Result chat = new JarRun()
                .input("ab\n/context\nb a\n/exit\n")
                .run("chat", "-m", model, "--chat-template", "chatml", "-n", 4, "--temp", 0);
        assertThat(chat.exitCode()).as(chat.err()).isZero();
        assertThat(chat.out().lines()).hasSize(2);
        assertThat(chat.err()).contains("[ Prompt:", "layer  0");
    }

    @Test
    void exitCodesSayWhatHappened() throws IOException {
        JarRun.Result failed = JarRun.of("run", "-m", folder.resolve("absent.gguf"), "hello");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err().lines()).hasSize(1).first().asString().startsWith("quipu: ");

        JarRun.Result wrong = JarRun.of("run", "-m", model, "--top-k", "many", "hello");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err().lines().findFirst().orElseThrow())
                .startsWith("quipu: ")
                .contains("--top-k", "many");

        JarRun.Result variable = new JarRun().environment("QUIPU_TOP_K", "many").run("run", "-m", model, "hello");
        assertThat(variable.exitCode()).isEqualTo(2);
        assertThat(variable.err()).contains("QUIPU_TOP_K");
    }

    @Test
    void ctrlCEndsAnAnswer() throws Exception {
        assertThat(endedBy("-INT")).isEqualTo(130);
    }

    @Test
    void endsWithItsLauncher() throws Exception {
        assertThat(endedBy("-TERM")).isEqualTo(143);
    }

    /** By a shell, since this JVM may run where names must be ASCII. */
    @Test
    void runsInAPlaceWithBlanksAndOtherLetters() throws Exception {
        Path script = Files.writeString(folder.resolve("script"), """
                cd "$1"
                mkdir 'Große Straße, café 100% ñ'
                cp "$2" 'Große Straße, café 100% ñ/quipu copy.jar'
                mv model.gguf 'Große Straße, café 100% ñ/modèle n°1.gguf'
                unset QUIPU_SHARED QUIPU_JAR
                # A JVM without a locale of UTF-8 does not find its own jar there; the model it does.
                for locale in C C.UTF-8; do
                    export LC_ALL=$locale
                    jar="$2"; [ $locale = C ] || jar='Große Straße, café 100% ñ/quipu copy.jar'
                    "$3" -jar "$jar" inspect 'Große Straße, café 100% ñ/modèle n°1.gguf' > /dev/null || exit 1
                    "$3" -jar "$jar" run -m 'Große Straße, café 100% ñ/modèle n°1.gguf' --raw -n 3 --temp 0 é || exit 2
                done
                """);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(
                        "sh",
                        script.toString(),
                        folder.toString(),
                        JarRun.jar().toString(),
                        javas().getFirst().toString())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        JarRun.Result result = JarRun.await(process, out, err);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out().lines()).hasSize(2);
    }

    @Test
    void closedStandardStreamsAreNotTakenForOthers() throws Exception {
        String start = "\"$0\" -jar \"$1\" ";
        assertThat(shell(start + "run -m \"$2\" <&-").err()).contains("the prompt is empty");
        assertThat(shell(start + "tokenize -m \"$2\" --ids --no-bos <&-").out()).isEqualTo("[]\n");
        JarRun.Result closed = shell(start + "tokenize -m \"$2\" --ids ab >&-");
        assertThat(closed.exitCode()).isEqualTo(1);
        assertThat(closed.err()).contains("standard output");
        JarRun.Result early = shell(start + "run -m \"$2\" --raw --ignore-eos -n 500000 ab | head -c 20");
        assertThat(early.out()).hasSize(20);
        assertThat(early.err()).doesNotContain("quipu:").doesNotContain("\tat ");
    }

    @Test
    void aFullDiskIsSaid() throws Exception {
        JarRun.Result full = shell("\"$0\" -jar \"$1\" tokenize -m \"$2\" --ids ab > /dev/full");
        assertThat(full.exitCode()).isEqualTo(1);
        assertThat(full.err()).contains("standard output", "No space left");
        JarRun.Result file = shell("\"$0\" -jar \"$1\" eval -m \"$2\" --tokens 3,4,5 -o /dev/full --kernel scalar");
        assertThat(file.exitCode()).as(file.err()).isEqualTo(1);
        assertThat(file.err()).contains("cannot write /dev/full: No space left");
    }

    /** Runs a line of shell in the folder; $0 is java, $1 the jar, $2 the model. */
    private JarRun.Result shell(String line) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "-c",
                        line,
                        javas().getFirst().toString(),
                        JarRun.jar().toString(),
                        model.toString())
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        return JarRun.await(builder.start(), out, err);
    }

    private JarRun.Result run(JarRun run, Object... more) throws IOException {
        return run.run(Stream.concat(
                        Stream.of("run", "-m", model, "--raw", "-n", 8, "--temp", 0, "--ignore-eos"), Stream.of(more))
                .toArray());
    }

    /** Starts an answer without an end, and sends a signal: Ctrl-C to both JVMs as a terminal does, else to the first one. */
    private int endedBy(String signal) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process =
                new JarRun().start(out, err, model, "run", "-m", model, "--raw", "--ignore-eos", "-n", 1 << 19, "ab a");
        while (process.isAlive() && (!Files.exists(out) || Files.size(out) == 0)) {
            Thread.sleep(20);
        }
        assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
        List<ProcessHandle> children = process.descendants().toList();
        assertThat(children).isNotEmpty();
        List<ProcessHandle> signalled = new ArrayList<>(List.of(process.toHandle()));
        if (signal.equals("-INT")) {
            signalled.addAll(children);
        }
        for (ProcessHandle handle : signalled) {
            assertThat(new ProcessBuilder("kill", signal, Long.toString(handle.pid()))
                            .start()
                            .waitFor())
                    .isZero();
        }
        int exitCode = JarRun.await(process, out, err).exitCode();
        for (ProcessHandle child : children) {
            child.onExit().get(10, TimeUnit.SECONDS);
        }
        return exitCode;
    }
}
