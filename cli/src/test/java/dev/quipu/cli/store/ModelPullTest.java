package dev.quipu.cli.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.QuipuRun;
import dev.quipu.cli.store.LocalHub.Trouble;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulling from a local hub that fails in every way that hubs and networks do. */
final class ModelPullTest {
    private static final String FILE = "tiny.Q4_K_M.gguf";
    private static final String MODEL = "hf:user/tiny-GGUF";
    private static final byte[] CONTENT = content();

    @TempDir
    Path folder;

    private LocalHub hub;
    private ByteArrayOutputStream err;

    @BeforeEach
    void start() throws IOException {
        hub = new LocalHub().file(FILE, CONTENT).file("tiny.Q8_0.gguf", CONTENT);
        err = new ByteArrayOutputStream();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private static byte[] content() {
        byte[] bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        System.arraycopy("GGUF".getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 4);
        return bytes;
    }

    private StoredModel pull(String reference) throws IOException {
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("QUIPU_HUB", hub.address().toString()),
                Console.Terminal.NONE);
        return new ModelPull(new ModelStore(folder), Catalogue.bundled(), console, Duration.ofMillis(1))
                .pull(ModelReference.parse(reference));
    }

    private void holdsExactly(StoredModel model) throws IOException {
        assertThat(model.file()).hasBinaryContent(CONTENT);
        assertThat(parts()).isEmpty();
    }

    private List<Path> parts() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().contains(".part")).toList();
        }
    }

    @Test
    void takesTheUsualQuantizationThroughARedirect() throws IOException {
        StoredModel model = pull(MODEL);
        holdsExactly(model);
        assertThat(model.files()).containsExactly(FILE);
        assertThat(model.license()).isEqualTo("apache-2.0");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("license apache-2.0")
                .contains("100 %");
        assertThat(new ModelStore(folder).find(MODEL)).contains(model);
        int before = hub.requests().size();
        assertThat(pull(MODEL)).isEqualTo(model);
        assertThat(hub.requests()).as("nothing is fetched twice").hasSize(before);
    }

    @Test
    void takesTheQuantizationThatIsNamed() throws IOException {
        assertThat(pull(MODEL + ":q8_0").files()).containsExactly("tiny.Q8_0.gguf");
        assertThatThrownBy(() -> pull(MODEL + ":Q2_K"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no file of type Q2_K")
                .hasMessageContaining(FILE);
    }

    @Test
    void takesAllPartsOfASplitModel() throws IOException {
        hub.file("big.IQ1_M-00001-of-00002.gguf", CONTENT).file("big.IQ1_M-00002-of-00002.gguf", CONTENT);
        assertThat(pull(MODEL + ":IQ1_M").files())
                .containsExactly("big.IQ1_M-00001-of-00002.gguf", "big.IQ1_M-00002-of-00002.gguf");
    }

    @Test
    void goesOnWhereItWasCut() throws IOException {
        hub.trouble(Trouble.CUT, Trouble.CUT);
        holdsExactly(pull(MODEL));
        List<String> ranges =
                hub.requests().stream().filter(r -> r.startsWith("/cdn/")).toList();
        assertThat(ranges).hasSize(3);
        // Java's client may drop what it had read but not handed out when the connection was cut.
        assertThat(from(ranges.get(1))).isBetween(75_000, 150_000);
        assertThat(from(ranges.get(2))).isBetween(from(ranges.get(1)) + 37_500, 225_000);
    }

    /** Where the range begins that a request asks for: {@code /cdn/tiny.gguf bytes=150000-}. */
    private static int from(String request) {
        return Integer.parseInt(request.replaceAll(".* bytes=([0-9]+)-", "$1"));
    }

    @Test
    void keepsWhatHasArrivedForTheNextPull() throws IOException {
        hub.trouble(Trouble.CUT, Trouble.CUT, Trouble.CUT, Trouble.CUT, Trouble.CUT);
        assertThatThrownBy(() -> pull(MODEL))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("pull again to go on");
        assertThat(new ModelStore(folder).list()).isEmpty();
        assertThat(parts()).isNotEmpty();
        holdsExactly(pull(MODEL));
        assertThat(hub.requests().getLast()).contains("bytes=2");
    }

    @Test
    void startsOverWhenTheFileHasChanged() throws IOException {
        hub.trouble(Trouble.CUT, Trouble.CHANGED);
        holdsExactly(pull(MODEL));
    }

    @Test
    void startsOverWhenTheServerKnowsNoRanges() throws IOException {
        hub.trouble(Trouble.CUT, Trouble.WHOLE);
        holdsExactly(pull(MODEL));
    }

    @Test
    void takesAFileWhoseLengthNobodySays() throws IOException {
        hub.trouble(Trouble.CHUNKED);
        holdsExactly(pull(MODEL));
    }

    @Test
    void asksAgainWhenTheServerIsBusy() throws IOException {
        hub.trouble(Trouble.TOO_MANY_REQUESTS, Trouble.ERROR_500);
        holdsExactly(pull(MODEL));
    }

    @Test
    void checksTheHashThatTheHubNames() throws IOException {
        hub.hash(Sha256.of(Files.write(folder.resolve("x"), CONTENT)));
        holdsExactly(pull(MODEL));
        hub.hash("0".repeat(64));
        assertThatThrownBy(() -> pull(MODEL + ":Q8_0"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("should have 000");
        assertThat(parts().stream().filter(part -> part.toString().endsWith(".part")))
                .isEmpty();
        assertThat(new ModelStore(folder).list()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "ABSENT, does not exist",
        "FORBIDDEN, HF_TOKEN",
        "REDIRECT_LOOP, redirects more than",
        "PAGE, is no GGUF file",
    })
    void saysWhatIsWrong(Trouble trouble, String message) throws IOException {
        hub.trouble(trouble);
        assertThatThrownBy(() -> pull(MODEL)).isInstanceOf(IOException.class).hasMessageContaining(message);
        assertThat(new ModelStore(folder).list()).isEmpty();
    }

    @Test
    void givesUpOnAServerThatStaysBroken() {
        hub.trouble(Trouble.ERROR_500, Trouble.ERROR_500, Trouble.ERROR_500, Trouble.ERROR_500);
        assertThatThrownBy(() -> pull(MODEL)).isInstanceOf(IOException.class).hasMessageContaining("answered HTTP 500");
    }

    @Test
    void twoPullsAtOnceFetchOnce() throws Exception {
        Callable<StoredModel> pull = () -> pull(MODEL);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<StoredModel>> both = threads.invokeAll(List.of(pull, pull));
            holdsExactly(both.get(0).get());
            holdsExactly(both.get(1).get());
        }
        assertThat(hub.requests().stream().filter(request -> request.startsWith("/cdn/")))
                .hasSize(1);
    }

    @Test
    void takesAPlainAddress() throws IOException {
        StoredModel model = pull(hub.address() + "/some/where/" + FILE);
        holdsExactly(model);
        assertThat(model.name()).isEqualTo("tiny.Q4_K_M");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hf:../x",
                "hf:user/..",
                "hf:a/b/c",
                "pypi:../x==1",
                "../x",
                "/etc/passwd",
                "a/b",
                "..",
                "",
                "http://h/..",
                "http://h/",
                "ftp://h/x.gguf",
            })
    void refusesNamesThatLeadElsewhere(String name) {
        assertThatThrownBy(() -> pull(name)).isInstanceOf(CommandFailure.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void filesOfTheHubStayInTheirFolder() throws IOException {
        hub.file("sub/../../../evil.Q2_K.gguf", CONTENT);
        assertThatThrownBy(() -> pull(MODEL + ":Q2_K"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no file of type Q2_K");
    }

    @Test
    void commandsListAndRemoveWhatWasPulled() {
        Map<String, String> environment =
                Map.of("QUIPU_HUB", hub.address().toString(), "QUIPU_MODELS", folder.toString());
        QuipuRun pulled = QuipuRun.with(environment, "", "pull", MODEL);
        assertThat(pulled.exitCode()).as(pulled.err()).isZero();
        assertThat(pulled.out().strip())
                .isEqualTo(folder.resolve("user--tiny-GGUF").resolve(FILE).toString());
        assertThat(QuipuRun.with(environment, "", "list").out())
                .contains("user--tiny-GGUF")
                .contains("Q4_K_M");
        assertThat(QuipuRun.with(environment, "", "rm", "user--tiny-GGUF").exitCode())
                .isZero();
        assertThat(QuipuRun.with(environment, "", "list").out()).doesNotContain("tiny");
        assertThat(folder).isEmptyDirectory();
        QuipuRun again = QuipuRun.with(environment, "", "rm", "user--tiny-GGUF");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err().lines()).hasSize(1);
    }

    @Test
    void aFailedPullIsOneLine() {
        hub.trouble(Trouble.ABSENT);
        Map<String, String> environment =
                Map.of("QUIPU_HUB", hub.address().toString(), "QUIPU_MODELS", folder.toString());
        QuipuRun run = QuipuRun.with(environment, "", "pull", MODEL);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("does not exist").doesNotContain("\tat ");
    }

    @Test
    void aModelThatDoesNotFitIsRefusedBeforeItIsFetched() {
        assertThatThrownBy(() -> Download.needSpace(folder.resolve("x"), Long.MAX_VALUE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not enough space")
                .hasMessageContaining("QUIPU_MODELS");
    }
}
