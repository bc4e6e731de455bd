package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.INT;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static jdk.incubator.vector.VectorOperators.L2I;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for 512-bit kernels that bring the nibbles of four blocks of 32 columns together: one record for every 128 columns.
 *
 * <pre>
 * long[4][8]  factors of the nibbles, {@link Polynomials}
 * int[8]      minus the bias of the weights times the sum of a long lane's activations, times 2^16
 * float[4]    activation scale of each block times what the scale of the weights lacks, and times 2^-16, since the kernels' sums have 2^16 too much
 * float[4]    half of the sum of a block's activations times that
 * </pre>
 *
 * Long lane 2 b + j is of block b and meets its bytes 8 j to 8 j + 7: columns from 8 j on (low nibbles) and from 16 + 8 j on (high
 * ones). Kernels leave the sums of two rows as the lane's two ints, so the other parts are the same for both. They are kept once, for permutations to spread
 * them: with 448 bytes a record the first-level cache would not hold 5,632 columns beside two rows of weights, which then come 10 % slower.
 */
enum QuadBlocks implements QuantizedActivations {
    /** Digits are four nibbles. 16 products sum to at most 16 * 8 * 255 = 32,640. */
    Q4(64, 16, 16, 8, 255, Avx512.HALF_SCALE),
    /** Digits are two bytes made of the low nibbles, and two of the high ones. At most 16 * 16 * 127 = 32,512. */
    Q5(128, 256, 0, 16, 127, Avx512.HALF_SCALE),
    /** Likewise, but values up to 12 instead of 16: at most 16 * 12 * 170 = 32,640. */
    MXFP4(128, 256, 0, Mxfp4.LARGEST, 170, 0.5f);

    /** Bytes of a record, and where its parts are. */
    static final int RECORD = 320;

    static final int CONSTANTS = 256;
    static final int SCALES = 288;
    static final int SUMS = 304;

    /** Where an int lane finds its constant in the 64 bytes from {@link #CONSTANTS} on. */
    static final IntVector CONSTANT_OF_LANE = Avx512.ints(i -> i / 2);

    /** Likewise its scale. */
    static final IntVector SCALE_OF_LANE = Avx512.ints(i -> 8 + i / 4);

    /** Likewise its part of the sum. */
    static final IntVector SUM_OF_LANE = Avx512.ints(i -> 12 + i / 4);

    private static final VectorSpecies<Integer> I8 = IntVector.SPECIES_256;
    private static final IntVector NONE = IntVector.zero(I8);

    /** Lanes of low nibbles, from the polynomials of blocks 0 and 1, and of blocks 2 and 3. */
    private static final LongVector LOW = LongVector.fromArray(L, new long[] {0, 1, 4, 5, 8, 9, 12, 13}, 0);

    private static final LongVector HIGH = LOW.add(2);

    private final int high;
    private final long upper;
    private final long middle;
    private final int bias;
    private final int limit;
    private final float factor;

    /**
     * @param high where the factors of even columns' high nibbles are in a record; those of odd columns' low ones are at 192 - high
     * @param upper what the second and the fourth digit are multiplied by where they are above the one before
     * @param middle the third digit, or 0 if it is a lowest one
     * @param bias of the weights: what to subtract from what is stored
     * @param lacking what the scale of the weights is to be multiplied by
     */
    QuadBlocks(int high, long upper, long middle, int bias, int limit, float lacking) {
        this.high = high;
        this.upper = upper;
        this.middle = middle;
        this.bias = bias;
        this.limit = limit;
        this.factor = lacking * Avx512.UPPER_SCALE;
    }

    /** Of 128 columns each, the last one perhaps in part. */
    static int records(int columns) {
        return (columns + 127) / 128;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public double spill() {
        return Avx512.UPPER_SCALE;
    }

    /** Records, then what {@link IntegerActivations} makes, for as many columns as records have. */
    @Override
    public long bytes(int columns) {
        return records(columns) * (RECORD + 256L + 16L);
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        int records = records(columns);
        long first = prepared.address();
        long integers = first + records * (long) RECORD;
        long scales = integers + records * 256L;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        IntegerActivations.clear(integers + 2L * columns, scales);
        for (int block = columns / 32; block < 4 * records; block++) {
            ALL.set(FLOAT, scales + 4L * block, 0f);
        }
        for (int r = 0; r < records; r++) {
            prepare(integers + 256L * r, scales + 16L * r, first + r * (long) RECORD);
        }
    }

    /** No branches: C2 compiles what is never taken too where it has seen many others go wrong, and boxes what is needed on both ways. */
    private void prepare(long integers, long scales, long to) {
        // Even and odd columns of blocks 0 and 1, of blocks 2 and 3, for a while where factors will be.
        Polynomials.of(integers, integers + 64, to, to + 64);
        Polynomials.of(integers + 128, integers + 192, to + 128, to + 192);
        LongVector even01 = LongVector.fromMemorySegment(L, ALL, to, LE);
        LongVector odd01 = LongVector.fromMemorySegment(L, ALL, to + 64, LE);
        LongVector even23 = LongVector.fromMemorySegment(L, ALL, to + 128, LE);
        LongVector odd23 = LongVector.fromMemorySegment(L, ALL, to + 192, LE);
        LongVector lowEven = LOW.selectFrom(even01, even23);
        LongVector highEven = HIGH.selectFrom(even01, even23);
        LongVector lowOdd = LOW.selectFrom(odd01, odd23);
        LongVector highOdd = HIGH.selectFrom(odd01, odd23);
        lowEven.intoMemorySegment(ALL, to, LE);
        highEven.intoMemorySegment(ALL, to + high, LE);
        lowOdd.intoMemorySegment(ALL, to + 192 - high, LE);
        LongVector second = LongVector.fromMemorySegment(L, ALL, to + 64, LE);
        LongVector third = LongVector.fromMemorySegment(L, ALL, to + 128, LE);
        second.sub(lowEven.mul(upper)).intoMemorySegment(ALL, to + 64, LE);
        third.sub(second.mul(middle)).intoMemorySegment(ALL, to + 128, LE);
        highOdd.sub(third.mul(upper)).intoMemorySegment(ALL, to + 192, LE);
        LongVector biased = lowEven.add(highEven).add(lowOdd).add(highOdd).mul(bias * Polynomials.ONES);
        // Cut off as in the kernels, so that weights of zero make zero.
        NONE.sub((IntVector) biased.lanewise(LSHR, 32).convertShape(L2I, I8, 0))
                .intoMemorySegment(ALL, to + CONSTANTS, LE);
        for (int block = 0; block < 4; block++) {
            float scale = ALL.get(FLOAT, scales + 4L * block) * factor;
            float constants =
                    ALL.get(INT, to + CONSTANTS + 8L * block) + (float) ALL.get(INT, to + CONSTANTS + 8L * block + 4);
            ALL.set(FLOAT, to + SCALES + 4L * block, scale);
            ALL.set(FLOAT, to + SUMS + 4L * block, constants * scale * (-0.5f / bias));
        }
    }
}
