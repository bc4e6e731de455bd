package dev.quipu.cli.jar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufFile;
import dev.quipu.gguf.GoldenFiles;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Nmse;
import dev.quipu.runtime.model.ModelFileBuilder;
import dev.quipu.runtime.model.ReferenceTransformer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.jr.ob.JSON;

/** Logits that {@code java -jar quipu.jar eval} writes, against the float64 reference. */
final class JarExactnessIT {
    private static final double FLOAT_NMSE = 1e-9;
    private static final double FAST_NMSE = 1e-3;

    /** All combinations of kernels and prompt batches, in an order that changes both from one to the next. */
    private static final List<List<String>> COMBINATIONS = combinations();

    @TempDir
    Path folder;

    private record Golden(Path model, float[] logits) {}

    private static List<List<String>> combinations() {
        List<String> kernels = List.of("scalar", "128", "256", "512");
        List<String> batches = List.of("1", "7", "64");
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < kernels.size() * batches.size(); i++) {
            all.add(List.of(kernels.get(i % kernels.size()), batches.get(i % batches.size())));
        }
        return all;
    }

    @Test
    void everyGoldenModelInFloats() throws Exception {
        List<Golden> cases = goldenCases();
        evaluate(cases.size(), i -> check(cases.get(i), i, "float", FLOAT_NMSE));
    }

    @Test
    void everyThirdGoldenModelInFastPrecision() throws Exception {
        List<Golden> cases = goldenCases();
        evaluate(cases.size() / 3, i -> check(cases.get(3 * i), i, "fast", FAST_NMSE));
    }

    @ParameterizedTest
    @CsvSource({"Q8_0, scalar, 7", "Q4_K, 128, 64", "Q6_K, auto, 1"})
    void ownModels(GgmlType type, String kernel, String batch) throws Exception {
        Path file = folder.resolve("a model with blanks, größer.gguf");
        new ModelFileBuilder(256, type).integer("llama.context_length", 128).write(file);
        int[] tokens = new int[40];
        Arrays.setAll(tokens, i -> i * 5 % 8);
        assertThat(nmse(file, text(tokens), kernel, batch, "float", reference(file, tokens)))
                .isLessThan(FLOAT_NMSE);
        assertThat(nmse(file, text(tokens), kernel, batch, "fast", reference(file, tokens)))
                .isLessThan(FAST_NMSE);
    }

    private interface Check {
        void of(int index) throws IOException;
    }

    /** Two processes at a time: starting one leaves half of two cores idle. */
    private static void evaluate(int count, Check check) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
            List<Future<?>> checks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int index = i;
                checks.add(executor.submit(() -> {
                    check.of(index);
                    return null;
                }));
            }
            for (Future<?> done : checks) {
                done.get();
            }
        }
    }

    private void check(Golden golden, int index, String precision, double bound) throws IOException {
        List<String> combination = COMBINATIONS.get(index % COMBINATIONS.size());
        Path ids = GoldenFiles.require("golden/tiny/index.json");
        String tokens = text(ints(json(ids).get("tokens")));
        assertThat(nmse(golden.model(), tokens, combination.get(0), combination.get(1), precision, golden.logits()))
                .as("%s, kernel and batch %s, %s", golden.model(), combination, precision)
                .isLessThan(bound);
    }

    /** Of what the jar writes. */
    private double nmse(Path model, String tokens, String kernel, String batch, String precision, float[] expected)
            throws IOException {
        Path out = Files.createTempFile(folder, "logits", ".f32");
        JarRun.Result run = JarRun.of(
                "eval",
                "-m",
                model,
                "--tokens",
                tokens,
                "-o",
                out,
                "--kernel",
                kernel,
                "-ub",
                batch,
                "--precision",
                precision);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEmpty();
        float[] actual = floats(out);
        assertThat(actual).hasSameSizeAs(expected);
        return Nmse.of(actual, expected);
    }

    private static List<Golden> goldenCases() throws IOException {
        Path golden = GoldenFiles.require("golden/tiny");
        List<Golden> cases = new ArrayList<>();
        for (Object element : (List<?>) json(golden.resolve("index.json")).get("cases")) {
            Map<?, ?> fields = (Map<?, ?>) element;
            cases.add(new Golden(golden.resolve((String) fields.get("model")), floats(golden.resolve((String)
                    fields.get("logits")))));
        }
        assertThat(cases).hasSizeGreaterThan(COMBINATIONS.size());
        return cases;
    }

    private static float[] reference(Path path, int[] tokens) throws IOException {
        try (GgufFile file = GgufFile.open(path);
                Model model = Model.open(path)) {
            double[][] logits = new ReferenceTransformer(file, model.config()).logits(tokens);
            float[] all = new float[logits.length * logits[0].length];
            for (int i = 0; i < all.length; i++) {
                all[i] = (float) logits[i / logits[0].length][i % logits[0].length];
            }
            return all;
        }
    }

    private static String text(int[] tokens) {
        return Arrays.stream(tokens).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    private static Map<?, ?> json(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return JSON.std.mapFrom(in);
        }
    }

    private static int[] ints(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> (Integer) id).toArray();
    }

    private static float[] floats(Path path) throws IOException {
        FloatBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(path))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] floats = new float[buffer.remaining()];
        buffer.get(floats);
        return floats;
    }
}
