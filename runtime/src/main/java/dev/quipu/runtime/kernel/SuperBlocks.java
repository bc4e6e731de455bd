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
 * Activations for the 512-bit kernels of the K types: one record for every super-block of 256 columns.
 *
 * <pre>
 * short[4][2][32]  planes; plane z meets 64 bytes of weights, two in a short lane: x0, x1 - 256 x0
 * float[16]        scale of each group of columns, times 2^-16 (which the kernels' sums have too much)
 * float[16]        scale times the sum of the group's integers times the constant that each weight of it has
 * </pre>
 */
enum SuperBlocks implements QuantizedActivations {
    /** Groups of 32; lanes 0 to 7 are scales, 8 to 15 sums (for the mins); both lack the weight scale's 2^112. */
    Q4_K(32, 255, -1) {
        @Override
        int column(int plane, int i) {
            return 128 * (plane / 2) + 64 * (i / 32) + 32 * (plane % 2) + i % 32;
        }
    },
    Q6_K(16, 127, -32) {
        @Override
        int column(int plane, int i) {
            return 64 * plane + i;
        }
    },
    Q3_K(16, 255, -4) {
        @Override
        int column(int plane, int i) {
            return 128 * (i / 32) + 32 * plane + i % 32;
        }
    },
    Q2_K(16, 255, -1) {
        @Override
        int column(int plane, int i) {
            return Q3_K.column(plane, i);
        }
    };

    /** Five bits or four, a super-block is divided alike. */
    static final SuperBlocks Q5_K = Q4_K;

    /** Bytes of a record, and where its floats are. */
    static final int RECORD = 640;

    static final int SCALES = 512;
    static final int SUMS = 576;

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;

    private final int group;
    private final int limit;
    private final int constant;

    SuperBlocks(int group, int limit, int constant) {
        this.group = group;
        this.limit = limit;
        this.constant = constant;
    }

    /** Which column of a super-block byte i of plane z belongs to; that of byte i + 1, for even i, is the next. */
    abstract int column(int plane, int i);

    @Override
    public int group() {
        return group;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public long bytes(int columns) {
        return columns / 256 * (long) RECORD + 2L * columns + 4L * columns / group;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        int blocks = columns / 256;
        int groups = 256 / group;
        long records = prepared.address();
        long integers = records + blocks * (long) RECORD;
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        boolean halves = group == 32;
        for (int block = 0; block < blocks; block++) {
            long record = records + block * (long) RECORD;
            for (int z = 0; z < 4; z++) {
                for (int l = 0; l < 32; l += I.length()) {
                    // Columns of one plane follow each other by the 32, two in an int lane.
                    IntVector pair =
                            IntVector.fromMemorySegment(I, ALL, integers + 2L * (256 * block + column(z, 2 * l)), LE);
                    IntVector x0 = pair.lanewise(LSHL, 16).lanewise(ASHR, 16);
                    IntVector x1 = pair.lanewise(ASHR, 16);
                    long to = record + 128L * z + 2L * l;
                    x0.convertShape(I2S, S, 0).intoMemorySegment(ALL, to, LE);
                    x1.sub(x0.lanewise(LSHL, 8)).convertShape(I2S, S, 0).intoMemorySegment(ALL, to + 64, LE);
                }
            }
            for (int g = 0; g < groups; g++) {
                int sum = 0;
                for (int i = 0; i < group; i += 2 * I.length()) {
                    IntVector pair =
                            IntVector.fromMemorySegment(I, ALL, integers + 2L * (256 * block + group * g + i), LE);
                    sum += pair.lanewise(LSHL, 16)
                            .lanewise(ASHR, 16)
                            .add(pair.lanewise(ASHR, 16))
                            .reduceLanes(ADD);
                }
                float scale = ALL.get(FLOAT, scales + 4L * (groups * block + g));
                if (halves) {
                    scale *= Avx512.HALF_SCALE;
                    ALL.set(FLOAT, record + SCALES + 4L * g, scale * Avx512.UPPER_SCALE);
                    ALL.set(FLOAT, record + SCALES + 4L * (g + 8), 0f);
                    ALL.set(FLOAT, record + SUMS + 4L * g, 0f);
                    ALL.set(FLOAT, record + SUMS + 4L * (g + 8), constant * sum * scale);
                } else {
                    ALL.set(FLOAT, record + SCALES + 4L * g, scale * Avx512.UPPER_SCALE);
                    ALL.set(FLOAT, record + SUMS + 4L * g, constant * sum * scale);
                }
            }
        }
    }
}
