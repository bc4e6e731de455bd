package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for kernels that bring four blocks of 32 weights together, each the index of a value in a book: one record for
 * every 128 columns.
 *
 * <pre>
 * short[4][32]  factors of the values
 * short[32]     constant: minus {@value #BIAS} times the sum of the lane's activations
 * float[16]     activation scale times 2^-14 (which the kernels' sums have too much), but for IQ4_XS times 2^112 (which the
 *               scale of the weights lacks)
 * </pre>
 *
 * Short lane 8 b + k is of block b and meets its bytes 2 k and 2 k + 1: columns 2 k and 2 k + 1 (low nibbles), 2 k + 16 and 2 k + 17
 * (high nibbles). Two values, n0 + 256 n1, are multiplied without taking out the lower one, so factors are x0 and x1 - 256 x0.
 *
 * <p>A lane, of four products, sums to at most 127 * 258 = 32,766. Kernels shift it down by two bits, so that the sum of four lanes is a
 * short, and a multiplication with {@link Polynomials#ONES} makes it. What is cut off a lane is 3/8 of a step on average, and as the sum of
 * four has one step more for each of the lower three lanes that is negative, the two cancel out but for a few steps of some thousand.
 */
enum BookBlocks implements QuantizedActivations {
    IQ4_NL(Avx512.HALF_SCALE),
    IQ4_XS(1f);

    /** Added to values, so that they are not negative. */
    static final int BIAS = 128;

    /** Bytes of a record, and where its parts are. */
    static final int RECORD = 384;

    static final int CONSTANT = 256;
    static final int SCALES = 320;

    /** What kernels' sums are to be multiplied by: they are the upper halves of ints, less two bits. */
    static final float SUM_SCALE = 4 * Avx512.UPPER_SCALE;

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;

    private final float factor;

    /** @param factor of activation scales */
    BookBlocks(float factor) {
        this.factor = factor;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return 127;
    }

    @Override
    public int quadLimit() {
        return 258;
    }

    @Override
    public double lost() {
        return 0x1p-11;
    }

    /** Records, then what {@link IntegerActivations} makes. */
    @Override
    public long bytes(int columns) {
        return (long) QuadBlocks.records(columns) * RECORD + 2L * columns + columns / 8;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        int blocks = columns / 32;
        long records = prepared.address();
        long integers = records + (long) QuadBlocks.records(columns) * RECORD;
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        IntegerActivations.clear(records, integers);
        for (int block = 0; block < blocks; block++) {
            long to = records + block / 4 * (long) RECORD + block % 4 * 16L;
            // A short pair in an int lane: columns 2 k and 2 k + 1, 2 k + 16 and 2 k + 17.
            IntVector low = IntVector.fromMemorySegment(I, ALL, integers + 64L * block, LE);
            IntVector high = IntVector.fromMemorySegment(I, ALL, integers + 64L * block + 32, LE);
            IntVector x0 = low.lanewise(LSHL, 16).lanewise(ASHR, 16);
            IntVector x1 = low.lanewise(ASHR, 16);
            IntVector x2 = high.lanewise(LSHL, 16).lanewise(ASHR, 16);
            IntVector x3 = high.lanewise(ASHR, 16);
            x0.convertShape(I2S, S, 0).intoMemorySegment(ALL, to, LE);
            x1.sub(x0.lanewise(LSHL, 8)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 64, LE);
            x2.convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 128, LE);
            x3.sub(x2.lanewise(LSHL, 8)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 192, LE);
            IntVector four = x0.add(x1).add(x2).add(x3);
            four.mul(-BIAS).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + CONSTANT, LE);
            float scale = ALL.get(FLOAT, scales + 4L * block) * factor * SUM_SCALE;
            for (int lane = 0; lane < 4; lane++) {
                ALL.set(FLOAT, to + SCALES + 4L * lane, scale);
            }
        }
    }
}
