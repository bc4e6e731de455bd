package dev.quipu.kvcache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Set;
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
    private static HeadObservation head(int layer, int kvHead, IntUnaryOperator wanted) {
        HeadObservation head =
                new HeadObservation(1, CELLS, Set.of(Statistic.WINDOW_ATTENTION, Statistic.ACCUMULATED_ATTENTION));
        head.begin(
                layer,
                kvHead,
                CELLS,
                1,
                IntStream.range(0, HeadObservation.LANES).toArray());
        for (int lane = 0; lane < HeadObservation.LANES; lane++) {
            head.attention()[0][wanted.applyAsInt(lane) * HeadObservation.LANES + lane] = 1;
        }
        for (int cell = 0; cell < CELLS; cell++) {
            head.positions()[cell] = cell;
            head.accumulated()[cell] = cell;
        }
        return head;
    }

    /** Of 25 cells for each of four heads, of which the queries of the last one differ. */
    private static BitSet[][] kept(KvPolicy policy) {
        Eviction eviction = new Eviction(2, 2);
        eviction.begin(policy, 1, new int[] {CELLS, CELLS, CELLS, CELLS});
        for (int i = 0; i < 4; i++) {
            IntUnaryOperator wanted = i == 3 ? lane -> 2 * lane : _ -> 50;
            eviction.observe(head(i / 2, i % 2, wanted), policy, new BitSet(), CELLS);
        }
        eviction.end(policy);
        BitSet[][] kept = {{new BitSet(), new BitSet()}, {new BitSet(), new BitSet()}};
        eviction.select(policy, 25, CELLS, kept);
        return kept;
    }

    @Test
    void aHeadWhoseQueriesDifferGetsMoreAndEachKeepsItsBestByScore() {
        // 100 cells for four heads. A floor of 32 in 99 and its 32 peaks are above one of 1 in 99 and its peak.
        BitSet[][] kept = kept(POLICY);
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
        assertThat(kept(own)[1][1].cardinality()).isBetween(24, 26);
    }

    @Test
    void roomDependsOnTheCellsOfAllHeadsHoweverUnequalTheyBecome() {
        ScoreColumns columns = new ScoreColumns();
        columns.prepare(POLICY, 1, 4 * CELLS);
        float[] group = columns.group;
        float[] claims = columns.claims;
        assertThat(claims).isNotSameAs(group).hasSizeBetween(4 * CELLS, 5 * CELLS);
        columns.prepare(POLICY, 1, 4 * CELLS);
        assertThat(columns.group).isSameAs(group);
        assertThat(columns.claims).isSameAs(claims);
        columns.prepare(POLICY.withClaims(Claims.SCORE), 1, 4 * CELLS);
        assertThat(columns.claims).isSameAs(group);
    }

    @Test
    void theCacheIsAskedForWhatClaimsNeed() {
        assertThat(POLICY.needs())
                .containsExactlyInAnyOrder(Statistic.ACCUMULATED_ATTENTION, Statistic.WINDOW_ATTENTION);
        assertThat(KvPreset.FARSIGHT.policy().needs())
                .containsExactlyInAnyOrder(Statistic.FORESEEN_ERROR, Statistic.FORESEEN_PEAK);
    }
}
