package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class GgufFormatExceptionTest {
    @Test
    void namesTheByte() {
        assertThat(new GgufFormatException("bad magic", 0)).hasMessage("bad magic (at byte 0)");
    }
}
