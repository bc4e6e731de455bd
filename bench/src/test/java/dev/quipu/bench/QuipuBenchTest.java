package dev.quipu.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuipuBenchTest {
    @Test
    void printsItsHelp() {
        BenchRun run = BenchRun.of("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: quipu-bench");
    }

    @Test
    void refusesAnUnknownOptionInOneLine() {
        BenchRun run = BenchRun.of("--frobnicate");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .first()
                .asString()
                .startsWith("quipu-bench: ")
                .contains("frobnicate");
    }
}
