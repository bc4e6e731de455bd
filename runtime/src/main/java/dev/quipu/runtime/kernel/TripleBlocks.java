package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static dev.quipu.runtime.kernel.IntegerActivations.SHORT;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for {@link Q4_1Avx512}: one record for every three blocks of 32 columns.
 *
 * <pre>
 * short[4][32]  factors: x0, x1 - 16 x0, x2 - 16 x1, x3 - 16 x2
 * short[32]     constant
 * float[16]     activation scale times 2^112 (which the scale of the weights lacks)
 * </pre>
 *
 * Lanes are those of the weights' blocks: lane l of the shorts is short l % 10 of block l / 10.
 */
enum TripleBlocks implements QuantizedActivations {
    Q4_1;

    /** Two lanes of nibbles sum to at most 8 * 15 * 255 = 30,600. */
    private static final int LIMIT = 255;

    /** Shorts of a block of weights, the last eight of them nibbles. */
    static final int SHORTS = 10;

    /** Bytes of a record. */
    static final int RECORD = 384;

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;

    static int records(int columns) {
        return (columns / 32 + 2) / 3;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return LIMIT;
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
            long record = records + block / 3 * (long) RECORD;
            int firstShort = block % 3 * SHORTS;
            int quants = firstShort + SHORTS - 8;
            // A short pair in an int lane: x0 and x2, x1 and x3.
            IntVector even = IntVector.fromMemorySegment(I, ALL, integers + 64L * block, LE);
            IntVector odd = IntVector.fromMemorySegment(I, ALL, integers + 64L * block + 32, LE);
            IntVector x0 = even.lanewise(LSHL, 16).lanewise(ASHR, 16);
            IntVector x1 = odd.lanewise(LSHL, 16).lanewise(ASHR, 16);
            IntVector x2 = even.lanewise(ASHR, 16);
            IntVector x3 = odd.lanewise(ASHR, 16);
            long to = record + 2L * quants;
            x0.convertShape(I2S, S, 0).intoMemorySegment(ALL, to, LE);
            x1.sub(x0.lanewise(LSHL, 4)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 64, LE);
            x2.sub(x1.lanewise(LSHL, 4)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 128, LE);
            x3.sub(x2.lanewise(LSHL, 4)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 192, LE);
            IntVector four = x0.add(x1).add(x2).add(x3);
            ALL.set(SHORT, record + 2L * firstShort + 256, (short) four.reduceLanes(ADD));
            float scale = ALL.get(FLOAT, scales + 4L * block) * Avx512.HALF_SCALE;
            for (int lane = firstShort / 2; 2 * lane < firstShort + SHORTS; lane++) {
                ALL.set(FLOAT, record + 320 + 4L * lane, scale);
            }
        }
    }
}
