package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for kernels that bring the nibbles of four blocks of 32 columns together: one record for every 128 columns.
 *
 * <pre>
 * short[4][32]  factors of the nibbles
 * short[32]     constant: minus the bias of the weights times the sum of the lane's activations
 * float[16]     activation scale, but for IQ4_XS times 2^112 (which the scale of the weights lacks)
 * float[16]     in a block's first lane, that scale times the sum of its activations; else 0
 * </pre>
 *
 * Short lane 8 b + k is of block b and meets its bytes 2 k and 2 k + 1: columns 2 k, 2 k + 16 and 2 k + 1, 2 k + 17 (low nibble,
 * high nibble). A lane's digits are multiplied without taking out the digits above them, so factors are x0, x1 - 2^bits x0,
 * and so on.
 */
enum QuadBlocks implements QuantizedActivations {
    /** Digits are four nibbles. Two lanes sum to at most 8 * 8 * 255 = 16,320. */
    Q4_0(4, 8, 255, Avx512.HALF_SCALE),
    /** Digits are two bytes made of the low nibbles, and two of the high ones. Two lanes sum to at most 8 * 16 * 255 = 32,640. */
    Q5(8, 16, 255, Avx512.HALF_SCALE),
    /** As Q5. One lane, of four products, sums to at most 127 * 258 = 32,766. */
    IQ4_NL(8, 128, 127, Avx512.HALF_SCALE),
    IQ4_XS(8, 128, 127, 1f);

    /** Bytes of a record, and where its parts are. */
    static final int RECORD = 448;

    static final int CONSTANT = 256;
    static final int SCALES = 320;
    static final int SUMS = 384;

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;

    private final int digitBits;
    private final int bias;
    private final int limit;
    private final float factor;

    /**
     * @param bias added to the weights, so that they are not negative
     * @param factor of activation scales
     */
    QuadBlocks(int digitBits, int bias, int limit, float factor) {
        this.digitBits = digitBits;
        this.bias = bias;
        this.limit = limit;
        this.factor = factor;
    }

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
    public int quadLimit() {
        return bias == 128 ? 258 : QuantizedActivations.super.quadLimit();
    }

    /** Records, then what {@link IntegerActivations} makes. */
    @Override
    public long bytes(int columns) {
        return (long) records(columns) * RECORD + 2L * columns + columns / 8;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        int blocks = columns / 32;
        long records = prepared.address();
        long integers = records + (long) records(columns) * RECORD;
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
            IntVector four = x0.add(x1).add(x2).add(x3);
            x0.convertShape(I2S, S, 0).intoMemorySegment(ALL, to, LE);
            if (digitBits == 4) {
                x2.sub(x0.lanewise(LSHL, 4)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 64, LE);
                x1.sub(x2.lanewise(LSHL, 4)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 128, LE);
                x3.sub(x1.lanewise(LSHL, 4)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 192, LE);
            } else {
                x1.sub(x0.lanewise(LSHL, 8)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 64, LE);
                x2.convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 128, LE);
                x3.sub(x2.lanewise(LSHL, 8)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 192, LE);
            }
            four.mul(-bias).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + CONSTANT, LE);
            float scale = ALL.get(FLOAT, scales + 4L * block) * factor;
            for (int lane = 0; lane < 4; lane++) {
                ALL.set(FLOAT, to + SCALES + 4L * lane, scale);
            }
            ALL.set(FLOAT, to + SUMS, scale * four.reduceLanes(ADD));
        }
    }
}
