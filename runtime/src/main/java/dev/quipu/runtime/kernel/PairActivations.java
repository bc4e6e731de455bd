package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for kernels of 256 bits: a pair of columns is a polynomial in 2^16, for an int lane.
 *
 * <pre>
 * int[columns / 2]     2^16 x0 + x1
 * float[columns / 32]  scale times 2^-16
 * float[columns / 32]  scale times the sum of 32 columns, with what kernels leave in
 * float[columns / 16]  scale times the sum of 16 columns
 * </pre>
 *
 * Two weights that were bytes and are shorts now, n0 + 2^16 n1, times such a pair are 2^16 (n0 x0 + n1 x1), and n0 x1, which kernels
 * leave in; what would be above is cut off. So one multiplication adds two products, and their sums, which have to fit 16 bits,
 * become floats without being taken apart.
 */
enum PairActivations implements QuantizedActivations {
    /** For weights of four bits and less, and values up to 12 of either sign: four products sum to at most 4 * 15 * 511 = 30,660. */
    NIBBLES(511),
    /** Of five bits: 4 * 31 * 255 = 31,620; of six, where but two are added: 2 * 63 * 255 = 32,130. */
    SIX_BITS(255),
    /** Of eight bits, where two are added: 2 * 128 * 127 = 32,512. */
    BYTES(127);

    /** What sums have too much, since products are above a lower half. */
    static final float LOWER_HALF = 0x1p-16f;

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;

    private final int limit;

    PairActivations(int limit) {
        this.limit = limit;
    }

    /** Bytes from the pairs to the scales. */
    static long scales(int columns) {
        return 2L * columns;
    }

    /** Likewise to the sums of 32 columns. */
    static long sums(int columns) {
        return 2L * columns + columns / 8;
    }

    /** Likewise to the sums of 16 columns. */
    static long halfSums(int columns) {
        return 2L * columns + columns / 4;
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
        return LOWER_HALF;
    }

    @Override
    public int spilling(int column) {
        return column % 2 == 0 ? column + 1 : -1;
    }

    /** Behind what kernels read is what {@link IntegerActivations} makes. */
    @Override
    public long bytes(int columns) {
        return halfSums(columns) + columns / 4 + 2L * columns + columns / 8;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        long pairs = prepared.address();
        long integers = pairs + halfSums(columns) + columns / 4;
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        for (int block = 0; block < columns / 32; block++) {
            float scale = ALL.get(FLOAT, scales + 4L * block) * LOWER_HALF;
            float first = scale * pairs(integers + 64L * block, pairs + 64L * block);
            float second = scale * pairs(integers + 64L * block + 32, pairs + 64L * block + 32);
            ALL.set(FLOAT, pairs + scales(columns) + 4L * block, scale);
            ALL.set(FLOAT, pairs + sums(columns) + 4L * block, first + second);
            ALL.set(FLOAT, pairs + halfSums(columns) + 8L * block, first);
            ALL.set(FLOAT, pairs + halfSums(columns) + 8L * block + 4, second);
        }
    }

    /** Makes pairs of 16 columns, and their sum, times 2^16 to count what kernels leave in. */
    private static int pairs(long integers, long to) {
        IntVector both = IntVector.fromMemorySegment(I, ALL, integers, LE);
        IntVector pairs = both.lanewise(LSHL, 16).add(both.lanewise(ASHR, 16));
        pairs.intoMemorySegment(ALL, to, LE);
        return both.lanewise(ASHR, 16).lanewise(LSHL, 16).add(pairs).reduceLanes(ADD);
    }
}
