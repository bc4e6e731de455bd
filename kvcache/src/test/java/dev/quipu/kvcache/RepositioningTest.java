package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipu.kvcache.attention.RowCodec;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys in new places against keys that were turned to these places from the start. */
class RepositioningTest {
    private static final int DIM = 64;

    static Stream<Arguments> typesAndStyles() {
        List<Arguments> cases = new ArrayList<>();
        for (KvType type : KvType.values()) {
            for (boolean halves : new boolean[] {false, true}) {
                cases.add(Arguments.of(type, halves, Optional.empty()));
                cases.add(Arguments.of(type, halves, Optional.of(SimdWidth.preferred())));
            }
        }
        return cases.stream();
    }

    /** Some channels do not turn. */
    private static RotaryPairs rotary(boolean halves) {
        return new RotaryPairs(
                IntStream.range(0, 28)
                        .mapToDouble(i -> Math.pow(10_000, -i / 28.0))
                        .toArray(),
                halves);
    }

    /**
     * How far a key may be from one that is exact, in parts of its largest channel: it was rounded when it was stored and
     * again when it was moved, and two channels turn together. A step of Q8_0 is 1/127 of the largest channel of a block,
     * one of Q4_0 is 1/8, and its last is cut off.
     */
    private static double tolerance(KvType type) {
        return switch (type) {
            case F32 -> 1e-6;
            case F16 -> 2 * 1.5 / 2048;
            case Q8_0 -> 2 * 1.5 * 0.5 / 127;
            case Q4_0 -> 2 * 1.5 / 8;
        };
    }

    /** What it may be on average, root mean square. */
    private static double typical(KvType type) {
        return switch (type) {
            case F32 -> 1e-7;
            case F16 -> 4e-4;
            case Q8_0 -> 4e-3;
            case Q4_0 -> 6e-2;
        };
    }

    @ParameterizedTest(name = "{0} halves {1} {2}")
    @MethodSource("typesAndStyles")
    void movedKeysAreThoseOfTheNewPlaces(KvType type, boolean halves, Optional<SimdWidth> width) {
        KvLayout layout = new KvLayout(1, 2, 2, DIM, DIM, 0.125f, type, type, 4096);
        RotaryPairs rotary = rotary(halves);
        KvModel model = KvModel.of(layout, width, Set.of(), Optional.empty(), rotary, true);
        KvTracking tracking = model.tracking();
        Random random = new Random(3);
        try (KvHeads heads = KvHeads.empty(layout, KvPage.of(layout, tracking.sideFloats()));
                Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(4L * DIM, 64);
            float[][][] plain = new float[2][][];
            int[] counts = {150, 97};
            for (int head = 0; head < 2; head++) {
                plain[head] = fill(heads, head, counts[head], layout, rotary, tracking.place(), random, row);
            }
            for (int end : new int[] {150, 4000, 151}) {
                Repositioning moves = new Repositioning(model, heads.store());
                for (int head = 0; head < 2; head++) {
                    moves.move(heads.of(head), end);
                    // Rounded once more with each move.
                    double moved = end == 150 ? 1 : end == 4000 ? 1.5 : 2;
                    compare(heads, head, plain[head], end, layout, rotary, tracking.place(), moved);
                }
            }
        }
    }

    /** Keys with growing gaps between their places; returns them as they are before RoPE. */
    private static float[][] fill(
            KvHeads heads,
            int head,
            int count,
            KvLayout layout,
            RotaryPairs rotary,
            int placeIndex,
            Random random,
            MemorySegment row) {
        KvCells cells = heads.of(head);
        cells.reserve(count, heads.store());
        float[][] plain = new float[count][DIM];
        int place = 0;
        for (int cell = 0; cell < count; cell++) {
            for (int d = 0; d < DIM; d++) {
                plain[cell][d] = (float) random.nextGaussian();
            }
            double[] turned = turned(plain[cell], rotary, place);
            for (int d = 0; d < DIM; d++) {
                row.setAtIndex(RowCodec.FLOAT, d, (float) turned[d]);
            }
            int number = cells.page(cell);
            MemorySegment memory = heads.store().memory(number);
            long offset = heads.store().offset(number);
            layout.keys().codec().encodeKey(row, 0, 4, DIM, memory, offset, cell % PAGE_CELLS);
            memory.set(RowCodec.INT, heads.store().sideFloat(number, placeIndex, cell % PAGE_CELLS), place);
            place += 1 + random.nextInt(1 + cell / 4);
        }
        cells.add(count);
        return plain;
    }

    private static void compare(
            KvHeads heads,
            int head,
            float[][] plain,
            int end,
            KvLayout layout,
            RotaryPairs rotary,
            int placeIndex,
            double moves) {
        KvCells cells = heads.of(head);
        double squares = 0;
        for (int cell = 0; cell < cells.count(); cell++) {
            int place = end - cells.count() + cell;
            int number = cells.page(cell);
            MemorySegment memory = heads.store().memory(number);
            long offset = heads.store().offset(number);
            assertThat(memory.get(RowCodec.INT, heads.store().sideFloat(number, placeIndex, cell % PAGE_CELLS)))
                    .isEqualTo(place);
            double[] expected = turned(plain[cell], rotary, place);
            double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            for (int d = 0; d < DIM; d++) {
                double actual = layout.keys().codec().key(memory, offset, cell % PAGE_CELLS, d, DIM);
                double error = (actual - expected[d]) / largest;
                assertThat(error).isCloseTo(0, within(moves * tolerance(layout.keys())));
                squares += error * error;
            }
        }
        assertThat(Math.sqrt(squares / cells.count() / DIM)).isLessThan(moves * typical(layout.keys()));
    }

    private static double[] turned(float[] plain, RotaryPairs rotary, int place) {
        double[] key = new double[DIM];
        for (int d = 0; d < DIM; d++) {
            key[d] = plain[d];
        }
        for (int pair = 0; pair < rotary.frequency().length; pair++) {
            int first = rotary.halves() ? pair : 2 * pair;
            int second = rotary.halves() ? pair + rotary.frequency().length : 2 * pair + 1;
            double angle = place * rotary.frequency()[pair];
            key[first] = plain[first] * Math.cos(angle) - plain[second] * Math.sin(angle);
            key[second] = plain[first] * Math.sin(angle) + plain[second] * Math.cos(angle);
        }
        return key;
    }
}
