package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for types whose byte j holds the low bits of columns j and j + 16 of a block of 32.
 *
 * <pre>
 * int[columns / 2]     lane j of a block: integer of column j low, of column j + 16 high
 * float[columns / 32]  activation scale times 2^-16 (which the kernels' sums have too much)
 * float[columns / 32]  activation scale times the sum of the block's integers
 * </pre>
 */
enum HalfPairs implements QuantizedActivations {
    /** Two weights of five bits meet two activations: at most 2 * 31 * 511 = 31,682. */
    TEN_BITS(511);

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;

    private final int limit;

    HalfPairs(int limit) {
        this.limit = limit;
    }

    /** Byte offset of the scales. */
    static long scales(int columns) {
        return 2L * columns;
    }

    /** Byte offset of the sums. */
    static long sums(int columns) {
        return 2L * columns + columns / 8;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return limit;
    }

    /** The three arrays, then what {@link IntegerActivations} makes. */
    @Override
    public long bytes(int columns) {
        return sums(columns) + columns / 8 + 2L * columns;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        long to = prepared.address();
        long scales = to + scales(columns);
        long sums = to + sums(columns);
        long integers = sums + columns / 8;
        IntegerActivations.quantize(x.address(), columns, 32, limit, integers, scales);
        for (int block = 0; block < columns / 32; block++) {
            IntVector sum = IntVector.zero(I);
            for (long lane = 0; lane < 16; lane += I.length()) {
                long at = 64L * block + 2 * lane;
                ShortVector low = ShortVector.fromMemorySegment(S, ALL, integers + at, LE);
                ShortVector high = ShortVector.fromMemorySegment(S, ALL, integers + at + 32, LE);
                IntVector pair = ((IntVector) low.convertShape(ZERO_EXTEND_S2I, I, 0))
                        .or(((IntVector) high.convertShape(S2I, I, 0)).lanewise(LSHL, 16));
                pair.intoMemorySegment(ALL, to + 64L * block + 4 * lane, LE);
                sum = sum.add(pair.lanewise(LSHL, 16).lanewise(ASHR, 16)).add(pair.lanewise(ASHR, 16));
            }
            float scale = ALL.get(FLOAT, scales + 4L * block);
            ALL.set(FLOAT, sums + 4L * block, scale * sum.reduceLanes(ADD));
            ALL.set(FLOAT, scales + 4L * block, scale * Avx512.UPPER_SCALE);
        }
    }
}
