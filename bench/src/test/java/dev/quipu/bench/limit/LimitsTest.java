package dev.quipu.bench.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LimitsTest {
    @Test
    void everyMachineCanDoSomething() {
        Limits limits = Limits.measure(1);
        assertThat(limits.threads()).isEqualTo(1);
        assertThat(limits.readBytes()).isPositive();
        assertThat(limits.fp32()).isPositive();
        assertThat(limits.int16()).isPositive();
    }

    @Test
    void meanIsHalfway() {
        assertThat(new Limits(2, 10, 20, 30).mean(new Limits(2, 20, 40, 60))).isEqualTo(new Limits(2, 15, 30, 45));
    }
}
