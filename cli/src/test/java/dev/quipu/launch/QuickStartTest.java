package dev.quipu.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuickStartTest {
    private static final String PASSES = "kvcache/Evictor";

    @Test
    void evictionIsNotCompiledForACacheThatDoesNotEvict() {
        assertThat(QuickStart.options(new String[] {"run", "-n", "1"}, Map.of("QUIPU_MODEL", "x.gguf")))
                .noneMatch(option -> option.contains(PASSES));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kv-budget", "--kv-budget=20%", "--kv-policy", "--kv-bytes"})
    void flagsOfTheCacheHaveEvictionCompiled(String flag) {
        assertThat(QuickStart.options(new String[] {"chat", flag}, Map.of()))
                .anyMatch(option -> option.contains(PASSES));
    }

    @Test
    void soDoesTheEnvironment() {
        assertThat(QuickStart.options(new String[] {"run"}, Map.of("QUIPU_KV_BUDGET", "20%")))
                .anyMatch(option -> option.contains(PASSES));
    }
}
