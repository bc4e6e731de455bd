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
 * Activations for kernels that bring four blocks of 32 signed bytes together: one record for every 128 columns.
 *
 * <pre>
 * short[2][2][32]  factors of the bytes, of blocks 0 and 1, of blocks 2 and 3
 * float[4]         activation scale times 2^112, which the scale of the weights lacks, and times 2^-14, which the kernels' sums have
 *                  too much
 * </pre>
 *
 * Short lane 16 b + k is of block b or 2 + b and meets its columns 2 k and 2 k + 1. A pair of bytes n0 + 256 n1 is multiplied by x0 without
 * taking n0 out, so the factors are x0 and x1 - 256 x0.
 *
 * <p>A record is as small as can be, for the price of loads that cross cache lines: with 14 KB instead of 12 for 5,632 columns the first-level cache
 * would not keep them beside the stream of weights, which then comes slower.
 */
enum ByteBlocks implements QuantizedActivations {
    Q8_0;

    /** Bytes of a record, and where its scales are. */
    static final int RECORD = 272;

    static final int SCALES = 256;

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;

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
        return (long) QuadBlocks.records(columns) * RECORD + 2L * columns + columns / 8;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        int blocks = columns / 32;
        long records = prepared.address();
        long integers = records + (long) QuadBlocks.records(columns) * RECORD;
        long scales = integers + 2L * columns;
        // The last record may be of fewer blocks. Half of a vector reaches into the integers, which come after.
        IntegerActivations.clear(integers - RECORD, integers + 16);
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        for (int block = 0; block < blocks; block++) {
            long record = records + block / 4 * (long) RECORD;
            long to = record + block % 4 / 2 * 128L + block % 2 * 32L;
            IntVector pairs = IntVector.fromMemorySegment(Avx512.I, ALL, integers + 64L * block, LE);
            IntVector x0 = pairs.lanewise(LSHL, 16).lanewise(ASHR, 16);
            IntVector x1 = pairs.lanewise(ASHR, 16);
            x0.convertShape(I2S, S, 0).intoMemorySegment(ALL, to, LE);
            x1.sub(x0.lanewise(LSHL, 8)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 64, LE);
            float scale = ALL.get(FLOAT, scales + 4L * block) * (Avx512.HALF_SCALE * BookBlocks.SUM_SCALE);
            ALL.set(FLOAT, record + SCALES + block % 4 * 4, scale);
        }
    }
}
