package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the user denies native access, the error says what to grant. */
final class NativeAccessTest {
    @TempDir
    Path folder;

    @Test
    void deniedAccessIsNamed() throws IOException, InterruptedException {
        assertThat(ProbeRun.denied(folder, NativeAccessProbe.class).output().lines())
                .filteredOn(line -> line.contains("native access"))
                .hasSize(2)
                .allMatch(line ->
                        line.equals("native access is denied; start Java with --enable-native-access=ALL-UNNAMED"));
    }
}
