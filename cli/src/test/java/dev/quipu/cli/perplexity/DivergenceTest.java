package dev.quipu.cli.perplexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The logits file and the statistics over it, against their definitions. */
final class DivergenceTest {
    private static final int WINDOW = 32;
    private static final int VOCABULARY = 101;
    private static final int WINDOWS = 2;

    @TempDir
    Path folder;

    @Test
    void theFileIsLaidOutAsLlamaCppLaysIt() throws IOException {
        Path path = write(new Random(1), 3);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new String(bytes.array(), 0, 8, StandardCharsets.US_ASCII)).isEqualTo("_logits_");
        assertThat(bytes.getInt(8)).isEqualTo(WINDOW);
        assertThat(bytes.getInt(12)).isEqualTo(VOCABULARY);
        assertThat(bytes.getInt(16)).isEqualTo(WINDOWS);
        assertThat(bytes.getInt(20)).isEqualTo(0);
        assertThat(bytes.getInt(24)).isEqualTo(1);
        int row = 2 * (102 + 4);
        assertThat(bytes.capacity()).isEqualTo(20 + 4 * WINDOW * WINDOWS + WINDOWS * (WINDOW / 2 - 1) * row);
    }

    @Test
    void aRowKeepsLogProbabilitiesToSixteenBits() {
        Random random = new Random(2);
        float[] logits = logits(random, 3);
        logits[7] = -100;
        PackedRow row = new PackedRow(VOCABULARY);
        row.pack(logits);
        Softmax softmax = Softmax.of(logits);
        for (int i = 0; i < VOCABULARY; i++) {
            double expected = Math.max(-softmax.surprise(logits[i]), -16 - softmax.logSum());
            assertThat(row.logProbability(i)).isCloseTo((float) expected, within(16f / 65535));
        }
    }

    @Test
    void statisticsAreThoseOfTheDefinition() throws IOException {
        Path path = write(new Random(1), 3);
        Random random = new Random(1);
        Random noise = new Random(9);
        double kl = 0;
        double ratio = 0;
        int same = 0;
        int count = WINDOWS * (WINDOW / 2 - 1);
        String report;
        try (LogitsFile file = LogitsFile.open(path)) {
            Divergence divergence = new Divergence(file);
            for (int i = 0; i < count; i++) {
                float[] base = logits(random, 3);
                float[] own = base.clone();
                for (int j = 0; j < own.length; j++) {
                    own[j] += (float) noise.nextGaussian() / 2;
                }
                int next = i % VOCABULARY;
                divergence.add(own, next);
                Softmax p = Softmax.of(base);
                Softmax q = Softmax.of(own);
                for (int j = 0; j < own.length; j++) {
                    double logP = -p.surprise(base[j]);
                    kl += Math.exp(logP) * (logP + q.surprise(own[j])) / count;
                }
                ratio += (q.surprise(own[next]) - p.surprise(base[next])) / count;
                same += p.argmax() == q.argmax() ? 1 : 0;
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
                divergence.printSummary(print);
            }
            report = out.toString(StandardCharsets.UTF_8);
        }
        assertThat(number(report, "Mean    KLD")).isCloseTo(kl, within(1e-4));
        assertThat(number(report, "Mean ln(PPL(Q)/PPL(base))     ")).isCloseTo(ratio, within(1e-4));
        assertThat(number(report, "Same top p")).isCloseTo(100.0 * same / count, within(1e-3));
        assertThat(report)
                .contains("====== Perplexity statistics ======")
                .contains("====== KL divergence statistics ======")
                .contains("====== Token probability statistics ======")
                .contains("99.9%   KLD: ")
                .contains("Minimum Δp: ");
    }

    @Test
    void aModelIsNoDistanceFromItself() throws IOException {
        Path path = write(new Random(4), 3);
        Random random = new Random(4);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LogitsFile file = LogitsFile.open(path);
                PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            Divergence divergence = new Divergence(file);
            for (int i = 0; i < WINDOWS * (WINDOW / 2 - 1); i++) {
                divergence.add(logits(random, 3), 0);
            }
            divergence.printSummary(print);
        }
        String report = out.toString(StandardCharsets.UTF_8);
        assertThat(number(report, "Maximum KLD")).isCloseTo(0, within(1e-4));
        assertThat(number(report, "Same top p")).isEqualTo(100);
    }

    @Test
    void brokenFilesAreNamed() throws IOException {
        Path path = write(new Random(1), 3);
        byte[] bytes = Files.readAllBytes(path);
        for (int length : new int[] {0, 7, 10, 19, 21, bytes.length - 1}) {
            Path cut = Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> LogitsFile.open(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cut");
        }
        for (int at : new int[] {0, 11, 15, 19, 23}) {
            byte[] changed = bytes.clone();
            changed[at] = 0x7f;
            Path bad = Files.write(folder.resolve("bad"), changed);
            assertThatThrownBy(() -> LogitsFile.open(bad))
                    .as("byte %d", at)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("bad");
        }
    }

    @Test
    void whatIsNotFinishedLeavesNoFile() throws IOException {
        Path path = folder.resolve("unfinished");
        try (LogitsFileWriter writer = new LogitsFileWriter(path, WINDOW, VOCABULARY, new int[WINDOW])) {
            writer.write(logits(new Random(1), 1));
        }
        assertThat(folder).isEmptyDirectory();
    }

    private Path write(Random random, float spread) throws IOException {
        Path path = folder.resolve("base.kld");
        int[] tokens = new int[WINDOW * WINDOWS];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = i;
        }
        try (LogitsFileWriter writer = new LogitsFileWriter(path, WINDOW, VOCABULARY, tokens)) {
            for (int i = 0; i < WINDOWS * (WINDOW / 2 - 1); i++) {
                writer.write(logits(random, spread));
            }
            writer.finish();
        }
        return path;
    }

    private static float[] logits(Random random, float spread) {
        float[] logits = new float[VOCABULARY];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian() * spread;
        }
        return logits;
    }

    private static double number(String report, String name) {
        Matcher matcher =
                Pattern.compile(Pattern.quote(name) + ": +(-?[0-9.]+)").matcher(report);
        assertThat(matcher.find()).as(name).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
