package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.LONG;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for {@link IQ3_SAvx512}: one record for every super-block of 256 columns.
 *
 * <pre>
 * long[2][4][8]  factors of the nibbles, {@link Polynomials}
 * int[16]        minus 7.5 times the sum of the lane's activations, times 2^16
 * float[16]      activation scale times 2^-15: 2 that the weights lack, and 2^16 that the kernel's sums have too much
 * </pre>
 *
 * Long lane g is of the group of 32 columns from 32 g on. Shorts of the first vector of weights have columns 8 j, 8 j + 1, 8 j + 4 and
 * 8 j + 5 as nibbles, those of the second one 8 j + 2, 8 j + 3, 8 j + 6 and 8 j + 7. The kernel leaves the sums of the first one in
 * the odd ints and those of the second one in the even ones.
 */
final class GridBlocks implements QuantizedActivations {
    static final GridBlocks IQ3_S = new GridBlocks();

    /** Bytes of a record, and where its parts are. */
    static final int RECORD = 640;

    static final int CONSTANT = 512;
    static final int SCALES = 576;

    private static final float FACTOR = 2 * Avx512.UPPER_SCALE;

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_512;
    private static final VectorSpecies<Long> L = LongVector.SPECIES_512;

    /** Long lane k of a group of 32 columns: its k-th nibble, in reverse. */
    private static final ShortVector NIBBLES = Avx512.shorts(i -> {
        int nibble = i / 4;
        int column = nibble % 2 + nibble / 2 % 2 * 4 + nibble / 4 * 2;
        return 8 * (3 - i % 4) + column;
    });

    /** Digits but the last that are negative: they borrow from the next. */
    private static final LongVector BORROWS = LongVector.broadcast(L, 0x0000800080008000L);

    private static final LongVector BEFORE = LongVector.fromArray(L, new long[] {0, 0, 1, 2, 4, 4, 5, 6}, 0);
    private static final LongVector SIXTEENS = LongVector.fromArray(L, new long[] {0, 16, 16, 16, 0, 16, 16, 16}, 0);
    private static final LongVector SWAP_1 = LongVector.fromArray(L, new long[] {1, 0, 3, 2, 5, 4, 7, 6}, 0);
    private static final LongVector SWAP_2 = LongVector.fromArray(L, new long[] {2, 3, 0, 1, 6, 7, 4, 5}, 0);
    private static final LongVector ONES = LongVector.broadcast(L, Polynomials.ONES);

    private GridBlocks() {}

    @Override
    public int group() {
        return 32;
    }

    /** Sums are at most 16 * 7.5 * 255 = 30,600. */
    @Override
    public int limit() {
        return 255;
    }

    @Override
    public double spill() {
        return Avx512.UPPER_SCALE;
    }

    @Override
    public int spilling(int column) {
        return column % 32 < 24 ? column + 8 : -1;
    }

    /** Records, then what {@link IntegerActivations} makes, and room for one group's factors and sums. */
    @Override
    public long bytes(int columns) {
        return columns / 256 * (long) RECORD + 2L * columns + columns / 8 + 128;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        long records = prepared.address();
        long integers = records + columns / 256 * (long) RECORD;
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        long room = scales + columns / 8;
        for (int group = 0; group < columns / 32; group++) {
            prepare(integers + 64L * group, room);
            long to = records + group / 8 * (long) RECORD + group % 8 * 8L;
            for (int k = 0; k < 8; k++) {
                ALL.set(LONG, to + 64L * k, ALL.get(LONG, room + 8L * k));
            }
            ALL.set(INT, to + CONSTANT, constant(ALL.get(INT, room + 64 + 36)));
            ALL.set(INT, to + CONSTANT + 4, constant(ALL.get(INT, room + 64 + 4)));
            float scale = ALL.get(FLOAT, scales + 4L * group) * FACTOR;
            ALL.set(FLOAT, to + SCALES, scale);
            ALL.set(FLOAT, to + SCALES + 4, scale);
        }
    }

    /** -7.5 times a sum. */
    private static int constant(int sum) {
        return (sum >> 1) - 8 * sum;
    }

    /** Of the integers of 32 columns, the factors long[8], and long[8] with the sums of the activations of the first four and of the others. */
    private static void prepare(long integers, long to) {
        LongVector digits = NIBBLES.selectFrom(ShortVector.fromMemorySegment(S, ALL, integers, LE))
                .reinterpretAsLongs();
        LongVector x = digits.sub(digits.and(BORROWS).lanewise(LSHL, 1));
        x.sub(BEFORE.selectFrom(x).mul(SIXTEENS)).intoMemorySegment(ALL, to, LE);
        LongVector sums = x.add(SWAP_1.selectFrom(x));
        sums.add(SWAP_2.selectFrom(sums)).mul(ONES).intoMemorySegment(ALL, to + 64, LE);
    }
}
