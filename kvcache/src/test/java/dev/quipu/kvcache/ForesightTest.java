package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.eviction.Foresight;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The errors that queries to come would see, against their formula in float64. */
class ForesightTest {
    private static final KvLayout LAYOUT = new KvLayout(1, 4, 2, 32, 48, 0.17f, KvType.F32, KvType.F32, 400);
    private static final OutputProjection PROJECTION = new RandomProjection(40, 48);
    private static final int WINDOW = 32;

    @ParameterizedTest
    @CsvSource({
        "230, 32, false, 0, 0",
        "230, 32, true, 0, 0",
        "230, 100, false, 0, 0",
        "61, 8, true, 0, 0",
        "20, 32, false, 0, 0",
        "399, 1, true, 0, 0",
        "230, 32, false, 0.5, 0",
        "150, 32, true, 40, 0",
        "150, 32, false, 0, 3",
        "230, 32, true, 2, 1"
    })
    void keepsWhatTheFormulaKeeps(int tokens, int horizon, boolean halves, float memory, float prior) {
        RotaryPairs rotary = rotary(halves);
        try (CacheDriver driver = driver(rotary, SimdWidth.preferred())) {
            driver.run(tokens);
            int budget = tokens / 4 + Math.min(tokens, WINDOW);
            KvPolicy policy =
                    KvPolicy.parse("foresight sinks=0 horizon=%d memory=%s prior=%s".formatted(horizon, memory, prior));
            EvictionPlan plan = driver.cache.plan(policy, new KvBudget.Tokens(budget), TaskRunner.sequential());
            for (int kvHead = 0; kvHead < 2; kvHead++) {
                double[] errors = errors(driver, rotary, kvHead, horizon);
                remember(driver, kvHead, memory, prior, errors);
                assertThat(plan.kept(0, kvHead).stream().boxed())
                        .as("KV head %d", kvHead)
                        .containsExactlyInAnyOrderElementsOf(kept(errors, tokens, budget));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"230, false", "61, true", "40, false"})
    void peaksAreTheLargestAttention(int tokens, boolean halves) {
        RotaryPairs rotary = rotary(halves);
        try (CacheDriver driver = driver(rotary, SimdWidth.preferred());
                CacheDriver peaksAlone = driver(rotary, SimdWidth.preferred(), Statistic.FORESEEN_PEAK)) {
            driver.run(tokens);
            peaksAlone.run(tokens);
            for (int kvHead = 0; kvHead < 2; kvHead++) {
                float[][] peaks = driver.cache.observe(0, kvHead, WINDOW).foreseenPeaks();
                float[][] alone = peaksAlone.cache.observe(0, kvHead, WINDOW).foreseenPeaks();
                for (int g = 0; g < LAYOUT.group(); g++) {
                    double[] expected = foreseen(driver, rotary, kvHead, g, 32).peak();
                    for (int i = 0; i < tokens; i++) {
                        assertThat(peaks[g][i]).isCloseTo((float) expected[i], Offset.offset(1e-5f));
                        assertThat(alone[g][i]).isEqualTo(peaks[g][i]);
                    }
                }
            }
        }
    }

    static List<SimdWidth> widths() {
        return Arrays.stream(SimdWidth.values()).filter(SimdWidth::supported).toList();
    }

    @ParameterizedTest
    @MethodSource("widths")
    void anyWidthAgreesWithScalar(SimdWidth width) {
        RotaryPairs rotary = rotary(false);
        try (CacheDriver scalar = driver(rotary, null);
                CacheDriver vector = driver(rotary, width)) {
            scalar.run(150);
            vector.run(150);
            assertThat(plan(vector.cache, 32, 70).kept(0, 1))
                    .isEqualTo(plan(scalar.cache, 32, 70).kept(0, 1));
        }
    }

    @Test
    void doesNotDependOnHowTokensCame() {
        RotaryPairs rotary = rotary(false);
        try (CacheDriver whole = driver(rotary, SimdWidth.preferred());
                CacheDriver parts = driver(rotary, SimdWidth.preferred())) {
            whole.run(263);
            System.arraycopy(whole.keys[0], 0, parts.keys[0], 0, 263);
            System.arraycopy(whole.values[0], 0, parts.values[0], 0, 263);
            System.arraycopy(whole.queries[0], 0, parts.queries[0], 0, 263);
            for (int tokens : new int[] {100, 1, 1, 64, 97}) {
                parts.replay(tokens);
            }
            assertThat(plan(parts.cache, 32, 90).kept(0, 0))
                    .isEqualTo(plan(whole.cache, 32, 90).kept(0, 0));
        }
    }

    @Test
    void anAbandonedBatchLeavesNoQueries() {
        RotaryPairs rotary = rotary(false);
        try (CacheDriver driver = driver(rotary, SimdWidth.preferred());
                CacheDriver abandoning = driver(rotary, SimdWidth.preferred())) {
            abandoning.run(100);
            abandoning.cache.begin(20);
            abandoning.cache.truncate(100);
            abandoning.run(20);
            System.arraycopy(abandoning.keys[0], 0, driver.keys[0], 0, 120);
            System.arraycopy(abandoning.values[0], 0, driver.values[0], 0, 120);
            System.arraycopy(abandoning.queries[0], 0, driver.queries[0], 0, 120);
            driver.replay(120);
            assertThat(plan(abandoning.cache, 32, 60).kept(0, 0))
                    .isEqualTo(plan(driver.cache, 32, 60).kept(0, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void aConstantAddedToAllValuesChangesNothing(int seed) {
        RotaryPairs rotary = rotary(false);
        try (CacheDriver driver = driver(rotary, SimdWidth.preferred());
                CacheDriver moved = driver(rotary, SimdWidth.preferred())) {
            driver.run(150);
            for (int t = 0; t < 150; t++) {
                moved.keys[0][t] = driver.keys[0][t];
                moved.queries[0][t] = driver.queries[0][t];
                moved.values[0][t] = driver.values[0][t].clone();
                for (int d = 0; d < moved.values[0][t].length; d++) {
                    moved.values[0][t][d] += (float) Math.sin(seed * d);
                }
            }
            moved.replay(150);
            assertThat(plan(moved.cache, 32, 60).kept(0, 1))
                    .isEqualTo(plan(driver.cache, 32, 60).kept(0, 1));
        }
    }

    @Test
    void scoresAreThoseThatTheObserverSaw() {
        HeadObservation head = new HeadObservation(2, 4, Set.of(Statistic.FORESEEN_ERROR));
        head.begin(0, 0, 3, 1, new int[0]);
        System.arraycopy(new float[] {1, 2, 3, 9}, 0, head.foreseenErrors()[0], 0, 4);
        System.arraycopy(new float[] {4, 5, 6, 9}, 0, head.foreseenErrors()[1], 0, 4);
        float[][] scores = new float[2][3];
        Foresight.DEFAULT.score(head, scores);
        assertThat(scores).isDeepEqualTo(new float[][] {{1, 2, 3}, {4, 5, 6}});
    }

    private static RotaryPairs rotary(boolean halves) {
        return new RotaryPairs(
                IntStream.range(0, 12)
                        .mapToDouble(i -> Math.pow(10_000, -i / 12.0))
                        .toArray(),
                halves);
    }

    private static CacheDriver driver(RotaryPairs rotary, SimdWidth width) {
        return driver(
                rotary, width, Statistic.FORESEEN_ERROR, Statistic.FORESEEN_PEAK, Statistic.ACCUMULATED_ATTENTION);
    }

    private static CacheDriver driver(RotaryPairs rotary, SimdWidth width, Statistic... statistics) {
        KvCache cache = KvCache.create(
                LAYOUT, Optional.ofNullable(width), Set.of(statistics), Optional.of(PROJECTION), rotary, false);
        return new CacheDriver(LAYOUT, cache, 5);
    }

    private static EvictionPlan plan(KvCache cache, int horizon, int budget) {
        KvPolicy policy = KvPolicy.parse("foresight sinks=0 horizon=" + horizon);
        return cache.plan(policy, new KvBudget.Tokens(budget), TaskRunner.sequential());
    }

    private static List<Integer> kept(double[] errors, int tokens, int budget) {
        int free = Math.max(0, tokens - WINDOW);
        List<Integer> kept = new ArrayList<>();
        IntStream.range(0, free)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> -errors[i]).thenComparing(i -> -i))
                .limit(Math.min(free, budget - (tokens - free)))
                .forEach(kept::add);
        IntStream.range(free, tokens).forEach(kept::add);
        return kept;
    }

    /** Positions of the sample after this many tokens. */
    private static List<Integer> sampled(int tokens) {
        int stride = 1;
        while (tokens / stride > 32) {
            stride *= 2;
        }
        List<Integer> result = new ArrayList<>();
        for (int position = stride - 1; position < tokens; position += stride) {
            result.add(position);
        }
        return result;
    }

    private static double[] errors(CacheDriver driver, RotaryPairs rotary, int kvHead, int horizon) {
        double[] errors = new double[driver.cache.positions()];
        for (int g = 0; g < LAYOUT.group(); g++) {
            double[] attention = foreseen(driver, rotary, kvHead, g, horizon).mean();
            double[][] projected = projected(driver, kvHead, g);
            double[] output = mean(projected, attention);
            for (int i = 0; i < errors.length; i++) {
                errors[i] += attention[i] * distance(projected[i], output);
            }
        }
        return errors;
    }

    /** What the queries that may come pay to each cell: their weighted mean, and the largest. */
    private record Foreseen(double[] mean, double[] peak) {
        void add(double[] attention, double weight) {
            for (int i = 0; i < attention.length; i++) {
                mean[i] += weight * attention[i];
                peak[i] = Math.max(peak[i], attention[i]);
            }
        }
    }

    private static Foreseen foreseen(CacheDriver driver, RotaryPairs rotary, int kvHead, int g, int horizon) {
        int tokens = driver.cache.positions();
        int recent = Math.min(WINDOW, tokens);
        List<Integer> all = sampled(tokens);
        List<Integer> sample =
                all.stream().filter(position -> position < tokens - recent).toList();
        int earlier = Math.min(64, tokens) - recent;
        double present = 0.4 + (earlier > 0 ? 0.4 : 0) + (sample.isEmpty() ? 0 : 0.2);
        Foreseen foreseen = new Foreseen(new double[tokens], new double[tokens]);
        for (int i = 0; i < recent; i++) {
            int target = tokens + i * 32 / recent * horizon / 32;
            double weight = 0.4 / present / recent;
            add(driver, rotary, kvHead, g, tokens - recent + i, target, weight, foreseen);
        }
        for (int position = tokens - recent - earlier; position < tokens - recent; position++) {
            int target = tokens + (position + 1) * 13 % 32 * horizon / 32;
            add(driver, rotary, kvHead, g, position, target, 0.4 / present / earlier, foreseen);
        }
        for (int position : sample) {
            int target = tokens + (all.indexOf(position) + 1) * 13 % 32 * horizon / 32;
            add(driver, rotary, kvHead, g, position, target, 0.2 / present / sample.size(), foreseen);
        }
        return foreseen;
    }

    /** Adds what the sequence's own queries made of each cell. */
    private static void remember(CacheDriver driver, int kvHead, double memory, double prior, double[] errors) {
        double[] received = new double[errors.length];
        for (int g = 0; g < LAYOUT.group(); g++) {
            for (int t = 0; t < errors.length; t++) {
                double[] query = new double[LAYOUT.keyDim()];
                for (int d = 0; d < query.length; d++) {
                    query[d] = driver.queries[0][t][(kvHead * LAYOUT.group() + g) * query.length + d];
                }
                double[] attention = attention(driver, kvHead, query, t + 1);
                for (int i = 0; i <= t; i++) {
                    received[i] += attention[i];
                }
            }
        }
        for (int g = 0; g < LAYOUT.group(); g++) {
            double[][] projected = projected(driver, kvHead, g);
            for (int i = 0; i < errors.length; i++) {
                double norm =
                        Math.sqrt(Arrays.stream(projected[i]).map(x -> x * x).sum());
                errors[i] += (memory * received[i] / LAYOUT.group() + prior) / errors.length * norm;
            }
        }
    }

    /** Attention of a query over the first cells. */
    private static double[] attention(CacheDriver driver, int kvHead, double[] query, int cells) {
        double[] attention = new double[cells];
        double sum = 0;
        for (int i = 0; i < cells; i++) {
            double dot = 0;
            for (int d = 0; d < query.length; d++) {
                dot += query[d] * driver.keys[0][i][kvHead * query.length + d];
            }
            attention[i] = Math.exp(dot * LAYOUT.scale());
            sum += attention[i];
        }
        for (int i = 0; i < cells; i++) {
            attention[i] /= sum;
        }
        return attention;
    }

    /** Adds the weighted attention of a turned query. */
    private static void add(
            CacheDriver driver,
            RotaryPairs rotary,
            int kvHead,
            int g,
            int position,
            int target,
            double weight,
            Foreseen sum) {
        double[] query = turned(driver, rotary, kvHead * LAYOUT.group() + g, position, target - position);
        sum.add(attention(driver, kvHead, query, sum.mean().length), weight);
    }

    private static double[] mean(double[][] projected, double[] attention) {
        double[] mean = new double[PROJECTION.width()];
        for (int i = 0; i < attention.length; i++) {
            for (int c = 0; c < mean.length; c++) {
                mean[c] += attention[i] * projected[i][c];
            }
        }
        return mean;
    }

    private static double distance(double[] one, double[] other) {
        double square = 0;
        for (int c = 0; c < one.length; c++) {
            square += (one[c] - other[c]) * (one[c] - other[c]);
        }
        return Math.sqrt(square);
    }

    private static double[] turned(CacheDriver driver, RotaryPairs rotary, int head, int position, int move) {
        double[] query = new double[LAYOUT.keyDim()];
        for (int d = 0; d < query.length; d++) {
            query[d] = driver.queries[0][position][head * query.length + d];
        }
        for (int pair = 0; pair < rotary.frequency().length; pair++) {
            int first = rotary.halves() ? pair : 2 * pair;
            int second = rotary.halves() ? pair + rotary.frequency().length : 2 * pair + 1;
            double angle = move * rotary.frequency()[pair];
            double x = query[first];
            double y = query[second];
            query[first] = x * Math.cos(angle) - y * Math.sin(angle);
            query[second] = x * Math.sin(angle) + y * Math.cos(angle);
        }
        return query;
    }

    private static double[][] projected(CacheDriver driver, int kvHead, int g) {
        int dim = LAYOUT.valueDim();
        float[] slice = new float[PROJECTION.width() * dim];
        PROJECTION.slice(0, kvHead * LAYOUT.group() + g, slice);
        double[][] result = new double[driver.cache.positions()][PROJECTION.width()];
        for (int i = 0; i < result.length; i++) {
            for (int c = 0; c < PROJECTION.width(); c++) {
                for (int d = 0; d < dim; d++) {
                    result[i][c] += (double) driver.values[0][i][kvHead * dim + d] * slice[c * dim + d];
                }
            }
        }
        return result;
    }
}
