package dev.quipu.bench.eviction.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statistics against known values. */
class BootstrapTest {
    @ParameterizedTest
    @CsvSource({"0, 1", "0.25, 1.75", "0.5, 2.5", "0.99, 3.97", "1, 4"})
    void quantilesInterpolate(double q, double expected) {
        assertThat(Quantiles.of(new double[] {4, 1, 3, 2}, q)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void aQuantileOfNothingIsNoNumber() {
        assertThat(Quantiles.of(new double[0], 0.5)).isNaN();
        assertThat(new PooledQuantile(new double[0][], 0.99).of(new int[0])).isNaN();
        assertThat(new Bootstrap(10, 1).mean(new double[0]).value()).isNaN();
    }

    /** The mean of n normal numbers lies within 1.96 / sqrt(n) of its own in 95 of 100 cases. */
    @Test
    void theIntervalOfAMeanIsThatOfTheNormalDistribution() {
        Random random = new Random(4);
        double[] values = DoubleStream.generate(random::nextGaussian).limit(400).toArray();
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance =
                Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / values.length;
        Interval interval = new Bootstrap(4000, 7).mean(values);
        double reach = 1.96 * Math.sqrt(variance / values.length);
        assertThat(interval.value()).isCloseTo(mean, within(1e-12));
        assertThat(interval.low()).isCloseTo(mean - reach, within(0.05 * reach));
        assertThat(interval.high()).isCloseTo(mean + reach, within(0.05 * reach));
    }

    @Test
    void theSameSeedDrawsTheSameDocumentsForAnyStatistic() {
        double[] values = {1, 5, 2, 8, 3};
        double[] shifted = Arrays.stream(values).map(x -> x + 10).toArray();
        Interval a = new Bootstrap(200, 3).mean(values);
        Interval b = new Bootstrap(200, 3).mean(shifted);
        assertThat(b.low() - a.low()).isCloseTo(10, within(1e-12));
        assertThat(b.high() - a.high()).isCloseTo(10, within(1e-12));
        assertThat(new Bootstrap(200, 3).mean(values)).isEqualTo(a);
        assertThat(new Bootstrap(200, 4).mean(values)).isNotEqualTo(a);
    }

    @Test
    void aPooledQuantileIsThatOfAllNumbersOfTheChosenDocuments() {
        Random random = new Random(5);
        double[][] documents = IntStream.range(0, 6)
                .mapToObj(d -> DoubleStream.generate(random::nextGaussian)
                        .limit(20 + d)
                        .toArray())
                .toArray(double[][]::new);
        for (double q : new double[] {0.5, 0.9, 0.99, 1}) {
            PooledQuantile pooled = new PooledQuantile(documents, q);
            for (int[] choice : new int[][] {{0, 1, 2, 3, 4, 5}, {3, 3, 3}, {5, 0, 5, 2}}) {
                double[] all = Arrays.stream(choice)
                        .boxed()
                        .flatMapToDouble(d -> Arrays.stream(documents[d]))
                        .toArray();
                assertThat(pooled.of(choice)).isCloseTo(Quantiles.of(all, q), within(1e-12));
            }
        }
    }
}
