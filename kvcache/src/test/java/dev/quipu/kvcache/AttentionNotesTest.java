package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What cells have received and when they last mattered, against float64, over prompts and single tokens in turn. */
class AttentionNotesTest {
    private static final int[] BATCHES = {70, 1, 1, 33, 200, 1, 5, 1};

    @ParameterizedTest
    @MethodSource("dev.quipu.kvcache.KernelChoices#all")
    void cellsKnowWhatAllQueriesMadeOfThem(Optional<SimdWidth> width) {
        KvLayout layout = new KvLayout(1, 6, 2, 16, 24, 0.25f, KvType.F32, KvType.F32, 512);
        EnumSet<Statistic> both = EnumSet.of(Statistic.ACCUMULATED_ATTENTION, Statistic.LAST_IMPORTANT);
        KvCache cache = KvCache.create(layout, width, both, Optional.empty());
        try (CacheDriver driver = new CacheDriver(layout, cache, 11)) {
            for (int tokens : BATCHES) {
                driver.run(tokens);
            }
            for (int kvHead = 0; kvHead < layout.kvHeads(); kvHead++) {
                HeadObservation head = cache.observe(0, kvHead, 1);
                assertThat(head.cells()).isEqualTo(cache.positions());
                double[] received = new double[head.cells()];
                int[] last = new int[head.cells()];
                define(driver, kvHead, received, last);
                for (int cell = 0; cell < head.cells(); cell++) {
                    assertThat(head.accumulated()[cell]).isCloseTo((float) received[cell], within(1e-3f));
                    assertThat(head.lastImportant()[cell]).isEqualTo(last[cell]);
                }
            }
        }
    }

    /** A cell matters to a query that gives it at least an equal share. */
    private static void define(CacheDriver driver, int kvHead, double[] received, int[] last) {
        for (int position = 0; position < received.length; position++) {
            for (int g = 0; g < driver.layout.group(); g++) {
                double[] attention = attention(driver, kvHead, kvHead * driver.layout.group() + g, position);
                for (int cell = 0; cell <= position; cell++) {
                    received[cell] += attention[cell];
                    last[cell] = attention[cell] * (position + 1) >= 1 ? position : last[cell];
                }
            }
        }
    }

    private static double[] attention(CacheDriver driver, int kvHead, int head, int position) {
        int dim = driver.layout.keyDim();
        double[] weights = new double[position + 1];
        double sum = 0;
        for (int cell = 0; cell <= position; cell++) {
            double dot = 0;
            for (int d = 0; d < dim; d++) {
                dot += (double) driver.queries[0][position][head * dim + d] * driver.keys[0][cell][kvHead * dim + d];
            }
            weights[cell] = Math.exp(dot * driver.layout.scale());
            sum += weights[cell];
        }
        for (int cell = 0; cell <= position; cell++) {
            weights[cell] /= sum;
        }
        return weights;
    }
}
