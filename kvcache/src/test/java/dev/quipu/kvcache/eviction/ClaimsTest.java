package dev.quipu.kvcache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Heads that compete by other scores than those that choose their cells. */
class ClaimsTest {
    private static final int CELLS = 100;
    private static final KvPolicy POLICY =
            KvPolicy.parse("h2o sinks=0 window=1 heads=ada layers=global claims=defensive");

    /**
     * A head of one query head, each of whose 32 queries looks at one cell; what it has received so far grows with the cell.
     *
     * @param wanted the cell that the query of a lane looks at
     */
    private static HeadScores head(IntUnaryOperator wanted) {
        float[][] attention = new float[1][CELLS * HeadObservation.LANES];
        for (int lane = 0; lane < HeadObservation.LANES; lane++) {
            attention[0][wanted.applyAsInt(lane) * HeadObservation.LANES + lane] = 1;
        }
        float[] accumulated = new float[CELLS];
        for (int cell = 0; cell < CELLS; cell++) {
            accumulated[cell] = cell;
        }
        float[][] none = new float[1][0];
        int[] order = IntStream.range(0, CELLS).toArray();
        int[] lanes = IntStream.range(0, HeadObservation.LANES).toArray();
        HeadObservation observed = new HeadObservation(
                0,
                0,
                CELLS,
                1,
                order,
                lanes,
                attention,
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                new float[0],
                accumulated,
                new float[0],
                new float[none.length][CELLS],
                new float[CELLS + 64]);
        HeadScores scores = HeadScores.empty(1, 1)[0][0];
        scores.observe(observed, POLICY, new BitSet(), CELLS);
        return scores;
    }

    /** Of 25 cells for each head. */
    private static BitSet[][] kept(KvPolicy policy, HeadScores[][] heads) {
        BitSet[][] kept = {{new BitSet(), new BitSet()}, {new BitSet(), new BitSet()}};
        new Eviction().select(policy, heads, 25, CELLS, kept);
        return kept;
    }

    @Test
    void aHeadWhoseQueriesDifferGetsMoreAndEachKeepsItsBestByScore() {
        HeadScores agreeing = head(lane -> 50);
        HeadScores differing = head(lane -> 2 * lane);
        // 100 cells for four heads. A floor of 32 in 99 and its 32 peaks are above one of 1 in 99 and its peak.
        HeadScores[][] heads = {{agreeing, agreeing}, {agreeing, differing}};
        BitSet[][] kept = kept(POLICY, heads);
        int[] counts = {
            kept[0][0].cardinality(), kept[0][1].cardinality(), kept[1][0].cardinality(), kept[1][1].cardinality()
        };
        assertThat(IntStream.of(counts).sum()).isEqualTo(100);
        assertThat(counts[3]).isGreaterThan(80);
        for (int i = 0; i < counts.length; i++) {
            assertThat(kept[i / 2][i % 2].nextSetBit(0)).isEqualTo(CELLS - counts[i]);
        }
        // By its own scores every head is like every other.
        KvPolicy own = POLICY.withClaims(Claims.SCORE).withLayers(new LayerAllocation.Uniform());
        assertThat(kept(own, heads)[1][1].cardinality()).isBetween(24, 26);
    }

    @Test
    void theCacheIsAskedForWhatClaimsNeed() {
        assertThat(POLICY.needs())
                .containsExactlyInAnyOrder(Statistic.ACCUMULATED_ATTENTION, Statistic.WINDOW_ATTENTION);
        assertThat(KvPreset.FARSIGHT.policy().needs())
                .containsExactlyInAnyOrder(Statistic.FORESEEN_ERROR, Statistic.FORESEEN_PEAK);
    }
}
