package dev.quipu.bench.eviction.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    private static final Map<String, Object> SETTINGS = Map.of("seed", 1);
    private static final Key KEY = new Key("language", "0", "snapkv pool=none", "f16", 0.025);

    @TempDir
    private Path folder;

    @Test
    void measurementsAreThereAgain() throws IOException {
        RunDirectory run = RunDirectory.open(folder, SETTINGS);
        double[] kl = {0.5, 1.25e-9, 3};
        run.add(KEY, Map.of("kl", Measurement.stored(kl), "kv_bytes", 1L << 40, "task", "needle"));
        RunDirectory again = RunDirectory.open(folder, SETTINGS);
        assertThat(again.has(KEY)).isTrue();
        assertThat(again.has(KEY.of("1"))).isFalse();
        Measurement measurement = again.find(KEY).orElseThrow();
        assertThat(measurement.numbers("kl")).hasSize(3).contains(0.5, 3).satisfies(numbers -> assertThat(numbers[1])
                .isBetween(1.2499e-9, 1.2501e-9));
        assertThat(measurement.number("kv_bytes")).isEqualTo(0x1p40);
        assertThat(measurement.text("task")).isEqualTo("needle");
    }

    @Test
    void aLineThatWasCutIsMeasuredAgain() throws IOException {
        RunDirectory run = RunDirectory.open(folder, SETTINGS);
        run.add(KEY, Map.of("exact", 1));
        run.add(KEY.of("1"), Map.of("exact", 0));
        Path file = folder.resolve("measurements.jsonl");
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 9));
        RunDirectory again = RunDirectory.open(folder, SETTINGS);
        assertThat(again.has(KEY)).isTrue();
        assertThat(again.has(KEY.of("1"))).isFalse();
        again.add(KEY.of("1"), Map.of("exact", 0));
        assertThat(RunDirectory.open(folder, SETTINGS).all()).hasSize(2);
        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @Test
    void aRunOfOtherSettingsIsRefused() throws IOException {
        RunDirectory.open(folder, SETTINGS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunDirectory.open(folder, Map.of("seed", 2)))
                .withMessageContaining("other settings");
        Files.writeString(folder.resolve("measurements.jsonl"), "garbage\n", StandardOpenOption.CREATE);
        assertThat(RunDirectory.open(folder, SETTINGS).all()).isEmpty();
    }
}
