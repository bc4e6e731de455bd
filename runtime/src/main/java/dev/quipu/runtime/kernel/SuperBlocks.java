package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations for the 512-bit kernels of the K types: one record for every super-block of 256 columns.
 *
 * <pre>
 * long[4][2][8]  planes; plane z meets 64 bytes of weights, eight in a lane: even, odd - 256 even
 * float[16]      scale of each group of columns, times 2^-16 (which the kernels' sums have too much)
 * float[16]      scale times the sum of the group's integers times the constant that each weight of it has; where groups are eight,
 *                this is the other half of the scales, and the last four are a 16th, since their mins come 16 times as large
 * </pre>
 *
 * An odd byte of weights is shifted down by eight bits to meet its activation ({@link Polynomials}); as nobody clears the even ones
 * of the odd ones above them, those come off here, as 256 even.
 */
enum SuperBlocks implements QuantizedActivations {
    /**
     * Eight products sum to at most 8 * 15 * 255 = 30,600. Groups of 32; the sums are for the mins.
     */
    Q4_K(32, 255, -1) {
        @Override
        int column(int plane, int i) {
            return 128 * (plane / 2) + 64 * (i / 32) + 32 * (plane % 2);
        }
    },
    /** As Q4_K, with products of at most 8 * 31 * 132 = 32,736. */
    Q5_K(32, 132, -1) {
        @Override
        int column(int plane, int i) {
            return Q4_K.column(plane, i);
        }
    },
    /** Products sum to at most 8 * 32 * 127 = 32,512, once each lane of ints has what -32 per weight makes of it: int[2][16] instead of sums. */
    Q6_K(16, 127, -32) {
        @Override
        int column(int plane, int i) {
            return 64 * plane + i;
        }
    },
    /** At most 8 * 7 * 255 = 14,280. */
    Q3_K(16, 255, -4) {
        @Override
        int column(int plane, int i) {
            return 128 * (i / 32) + 32 * plane;
        }
    },
    /** At most 8 * 3 * 255 = 6,120. */
    Q2_K(16, 255, -1) {
        @Override
        int column(int plane, int i) {
            return Q3_K.column(plane, i);
        }
    };

    /** Bytes of a record, and where its parts are. */
    static final int RECORD = 640;

    static final int SCALES = 512;
    static final int SUMS = 576;

    /** Likewise for {@link #Q6_K}. */
    static final int Q6_K_RECORD = 832;

    static final int Q6_K_CONSTANTS = 576;

    private static final VectorSpecies<Long> L = LongVector.SPECIES_512;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;

    /** 2^16, and 1 for what is added to the column two before; there is none in the first pair of eight columns. */
    private static final IntVector SPILLING = IntVector.fromArray(
            I, new int[] {0x10000, 0x10001, 0x10001, 0x10001, 0x10000, 0x10001, 0x10001, 0x10001}, 0);

    private final int group;
    private final int limit;
    private final int constant;

    SuperBlocks(int group, int limit, int constant) {
        this.group = group;
        this.limit = limit;
        this.constant = constant;
    }

    /** Which column of a super-block byte i of plane z belongs to, i being 0 or 32; those of the next 31 bytes follow. */
    abstract int column(int plane, int i);

    private int record() {
        return this == Q6_K ? Q6_K_RECORD : RECORD;
    }

    @Override
    public int group() {
        return group;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public double spill() {
        return Avx512.UPPER_SCALE;
    }

    @Override
    public long bytes(int columns) {
        return columns / 256 * (long) record() + 2L * columns + 4L * columns / group;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        int blocks = columns / 256;
        long records = prepared.address();
        long integers = records + blocks * (long) record();
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        for (int block = 0; block < blocks; block++) {
            long record = records + block * (long) record();
            prepare(integers + 512L * block, scales + 1024L / group * block, record);
        }
    }

    /** Both loops in one method, since that is compiled after fewer tokens. */
    private void prepare(long integers, long scales, long record) {
        for (int z = 0; z < 4; z++) {
            long to = record + 128L * z;
            Polynomials.of(integers + 2L * column(z, 0), integers + 2L * column(z, 32), to, to + 64);
            LongVector even = LongVector.fromMemorySegment(L, ALL, to, LE);
            LongVector odd = LongVector.fromMemorySegment(L, ALL, to + 64, LE);
            odd.sub(even.lanewise(LSHL, 8)).intoMemorySegment(ALL, to + 64, LE);
            if (this == Q6_K) {
                even.add(odd)
                        .mul(constant * Polynomials.ONES)
                        .intoMemorySegment(ALL, record + Q6_K_CONSTANTS + 64L * z, LE);
            }
        }
        if (this == Q6_K) {
            // As the kernel merges the sums of planes 0 and 1, and of planes 2 and 3.
            for (int pair = 0; pair < 2; pair++) {
                long of = record + Q6_K_CONSTANTS + 128L * pair;
                Avx512.UPPER_OF_BOTH
                        .selectFrom(
                                IntVector.fromMemorySegment(Avx512.I, ALL, of, LE),
                                IntVector.fromMemorySegment(Avx512.I, ALL, of + 64, LE))
                        .intoMemorySegment(ALL, record + Q6_K_CONSTANTS + 64L * pair, LE);
            }
        }
        int groups = 256 / group;
        for (int g = 0; g < groups; g++) {
            float scale = ALL.get(FLOAT, scales + 4L * g);
            if (this == Q6_K) {
                ALL.set(FLOAT, record + SCALES + 4L * g, scale * Avx512.UPPER_SCALE);
                continue;
            }
            // Times 2^16, to count what spills.
            int sum = 0;
            for (int i = 0; i < group; i += 2 * I.length()) {
                IntVector pair = IntVector.fromMemorySegment(I, ALL, integers + 2L * (group * g + i), LE);
                sum += pair.lanewise(LSHL, 16)
                        .lanewise(ASHR, 16)
                        .add(pair.lanewise(ASHR, 16))
                        .mul(SPILLING)
                        .reduceLanes(ADD);
            }
            scale *= Avx512.UPPER_SCALE;
            float part = group == 32 && g >= 4 ? 0x1p-4f : 1;
            ALL.set(FLOAT, record + SCALES + 4L * g, scale);
            ALL.set(FLOAT, record + (group == 32 ? SCALES + 32 : SUMS) + 4L * g, constant * sum * scale * part);
        }
    }
}
