package dev.quipu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuipuTest {
    @Test
    void printsItsVersionToStandardOutput() {
        QuipuRun run = QuipuRun.of("--version");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("quipu ");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void printsItsHelp() {
        QuipuRun run = QuipuRun.of("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: quipu").contains("QUIPU_CTX_SIZE");
    }

    @Test
    void refusesAnUnknownCommandInOneLine() {
        QuipuRun run = QuipuRun.of("frobnicate");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).first().asString().startsWith("quipu: ").contains("frobnicate");
    }

    @Test
    void refusesNoCommand() {
        assertThat(QuipuRun.of().exitCode()).isEqualTo(2);
    }
}
