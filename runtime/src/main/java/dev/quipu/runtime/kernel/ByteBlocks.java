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
 * Activations for kernels that bring two blocks of 32 signed bytes together: one record for every 64 columns.
 *
 * <pre>
 * short[2][32]  factors of the bytes
 * short[32]     constant: minus {@value #BIAS} times the lane's x0, plus 2^15, plus 1 or 2
 * float[16]     activation scale times 2^112, which the scale of the weights lacks, and times 2^-14, which the kernels' sums have
 *               too much
 * </pre>
 *
 * Short lane 16 b + k is of block b and meets its columns 2 k and 2 k + 1. A pair of bytes n0 + 256 n1 is multiplied by x0 without
 * taking n0 out, so the factors are x0 and x1 - 256 x0.
 *
 * <p>A pair's products sum to at most 2 * 128 * 127 = 32,512. With 2^15 added this is a number without a sign. Kernels cut off two bits of it, so that
 * the sum of four pairs has 16, and {@link Polynomials#ONES} makes that sum with no carry from the lanes below. The 1 or 2 make up for what is cut off,
 * and {@link #OFFSET} is what the sum has too much, with the mean of what stays below it.
 */
enum ByteBlocks implements QuantizedActivations {
    Q8_0;

    /** Bytes of a record, and where its scales are. */
    static final int RECORD = 256;

    static final int CONSTANT = 128;
    static final int SCALES = 192;

    /** Added to the even bytes, so that they have no sign. */
    static final int BIAS = 128;

    /** To be taken off kernels' sums, which are the upper halves of ints: 4 * 2^13, and in the lower half the mean of three lanes, 2^13 each. */
    static final int OFFSET = 0x80000000 + 3 * 0x2000;

    private static final IntVector CENTRE = Avx512.ints(k -> 0x8000 + 1 + k % 2);

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;

    /** Of 64 columns each, the last one perhaps a half. */
    static int records(int columns) {
        return (columns + 63) / 64;
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
    public double lost() {
        return 0x1p-11;
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
        IntegerActivations.clear(integers - RECORD, integers - (blocks % 2 == 0 ? RECORD : 0));
        for (int block = 0; block < blocks; block++) {
            long to = records + block / 2 * (long) RECORD + block % 2 * 32L;
            IntVector pairs = IntVector.fromMemorySegment(Avx512.I, ALL, integers + 64L * block, LE);
            IntVector x0 = pairs.lanewise(LSHL, 16).lanewise(ASHR, 16);
            IntVector x1 = pairs.lanewise(ASHR, 16);
            x0.convertShape(I2S, S, 0).intoMemorySegment(ALL, to, LE);
            x1.sub(x0.lanewise(LSHL, 8)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 64, LE);
            CENTRE.sub(x0.mul(BIAS)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + CONSTANT, LE);
            float scale = ALL.get(FLOAT, scales + 4L * block) * (Avx512.HALF_SCALE * BookBlocks.SUM_SCALE);
            for (int lane = 0; lane < 8; lane++) {
                ALL.set(FLOAT, to + SCALES + 4L * lane, scale);
            }
        }
    }
}
