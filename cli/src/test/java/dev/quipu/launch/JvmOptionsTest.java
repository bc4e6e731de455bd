package dev.quipu.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmOptionsTest {
    @Test
    void splitsAtBlanksButNotInQuotes() {
        assertThat(JvmOptions.split(" -Xmx8g  \"-Dname=two words\" -Dx='a b'c ''"))
                .containsExactly("-Xmx8g", "-Dname=two words", "-Dx=a bc", "");
        assertThat(JvmOptions.split(null)).isEmpty();
        assertThat(JvmOptions.split("  ")).isEmpty();
    }
}
