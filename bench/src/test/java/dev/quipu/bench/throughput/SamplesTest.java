package dev.quipu.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void describesWhatWasMeasured() {
        Samples samples = new Samples(new double[] {4, 1, 3, 2});
        assertThat(samples.mean()).isEqualTo(2.5);
        assertThat(samples.median()).isEqualTo(2.5);
        assertThat(samples.standardDeviation()).isCloseTo(Math.sqrt(5.0 / 3), within(1e-12));
        assertThat(new Samples(new double[] {9, 1, 5}).median()).isEqualTo(5);
        assertThat(new Samples(new double[] {7}).standardDeviation()).isZero();
    }

    @Test
    void ratioOfMediansIsWithinItsInterval() {
        Ratio ratio = Ratio.of(new double[] {10, 11, 9, 10, 12}, new double[] {20, 21, 19, 22, 20});
        assertThat(ratio.value()).isEqualTo(0.5);
        assertThat(ratio.low()).isBetween(0.4, 0.5);
        assertThat(ratio.high()).isBetween(0.5, 0.6);
    }

    @Test
    void ratioOfConstantSpeedsIsCertain() {
        Ratio ratio = Ratio.of(new double[] {3, 3, 3}, new double[] {4, 4, 4});
        assertThat(ratio).isEqualTo(new Ratio(0.75, 0.75, 0.75));
    }

    /** Turns in which the machine was slow for both leave their ratio alone. */
    @Test
    void turnsStayTogether() {
        Ratio ratio = Ratio.of(new double[] {1, 10, 2, 20, 5}, new double[] {2, 20, 4, 40, 10});
        assertThat(ratio).isEqualTo(new Ratio(0.5, 0.5, 0.5));
    }
}
