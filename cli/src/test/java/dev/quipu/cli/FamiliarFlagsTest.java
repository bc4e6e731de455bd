package dev.quipu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Flags of llama.cpp: those that make no sense here are refused by name, those that change nothing are taken. */
class FamiliarFlagsTest {
    @ParameterizedTest
    @ValueSource(strings = {"--keep=10", "--context-shift", "--no-mmap"})
    void refusesByName(String flag) {
        QuipuRun run = QuipuRun.of("run", "-m", "missing.gguf", flag, "Hello");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(flag.replaceFirst("=.*", "") + ":");
    }

    @Test
    void takesWhatChangesNothing() {
        QuipuRun run = QuipuRun.of(
                "run", "-m", "missing.gguf", "-cnv", "-st", "--jinja", "--color", "--simple-io", "-fa", "on", "Hello");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("missing.gguf").doesNotContain("note:");
    }

    @Test
    void saysWhatItIgnores() {
        QuipuRun run = QuipuRun.of("run", "-m", "missing.gguf", "-tb", "4", "-ngl", "99", "--mlock", "Hello");
        assertThat(run.err())
                .contains("note: -tb is ignored")
                .contains("note: -ngl is ignored")
                .contains("note: --mlock is ignored");
    }

    @Test
    void replacesEscapesOnlyWhereTheyAreValid() {
        QuipuRun run = QuipuRun.of("run", "-m", "missing.gguf", "-e", "a\\q");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("-e: ");
    }
}
