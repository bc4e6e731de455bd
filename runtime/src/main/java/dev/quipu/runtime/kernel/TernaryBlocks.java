package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.SHORT;

import java.lang.foreign.MemorySegment;

/**
 * Activations for the ternary types: one record for every super-block of 256 columns.
 *
 * <pre>
 * short[planes][lanes]  factors of the weights' short lanes
 * short[lanes]          minus the sum of each lane's activations
 * float                 activation scale times 2^-16 (which the kernels' sums have too much)
 * </pre>
 *
 * A super-block has one scale, so its products are added up as shorts. Weights are -1 to 2 (TQ2_0) or 1, and so 64 of TQ2_0 in four lanes that
 * are added in the end sum to at most 4 * 8 * 2 * 511 = 32,704; those of TQ1_0 to less.
 */
enum TernaryBlocks implements QuantizedActivations {
    /** Planes 0 to 4: digit z of bytes 0 to 31; then 5 to 9: digit z - 5 of bytes 32 to 51. */
    TQ1_0(10, 32) {
        @Override
        int column(int plane, int lane) {
            int digit = plane % 5;
            if (plane < 5) {
                return 32 * digit + lane;
            }
            if (lane < 16) {
                return 160 + 16 * digit + lane;
            }
            return lane < 20 && digit < 4 ? 240 + 4 * digit + lane - 16 : -1;
        }
    },
    /** Plane z: bit pair z of a short, four of the even byte's columns and four of the odd one's. */
    TQ2_0(8, 32) {
        @Override
        int column(int plane, int lane) {
            return 128 * (lane / 16) + 32 * (plane % 4) + 2 * (lane % 16) + plane / 4;
        }

        @Override
        int carry(int plane) {
            return plane == 0 ? 0 : 4;
        }
    },
    /** As TQ2_0, for kernels that take pairs apart. */
    TQ2_0_MASKED(8, 32) {
        @Override
        int column(int plane, int lane) {
            return TQ2_0.column(plane, lane);
        }
    },
    /** For lanes of 256 bits. Five planes each for bytes 0 to 15, 16 to 31 and 32 to 47, their last digits first; then the last 16 columns. */
    TQ1_0_HALVES(16, 16) {
        @Override
        int column(int plane, int lane) {
            int digit = 4 - plane % 5;
            return switch (plane / 5) {
                case 0 -> 32 * digit + lane;
                case 1 -> 32 * digit + 16 + lane;
                case 2 -> 160 + 16 * digit + lane;
                default -> 240 + lane;
            };
        }

        @Override
        int carry(int plane) {
            return plane % 5 == 0 ? 0 : 3;
        }
    };

    private static final int LIMIT = 511;

    private final int planes;
    private final int lanes;

    TernaryBlocks(int planes, int lanes) {
        this.planes = planes;
        this.lanes = lanes;
    }

    /** Which column of a super-block lane {@code lane} of plane {@code plane} belongs to; negative if none. */
    abstract int column(int plane, int lane);

    /** How many times the plane before has already counted this one's columns. */
    int carry(int plane) {
        return 0;
    }

    /** Bytes of a record: the planes, the constants, and as many for the scale. */
    long record() {
        return 2L * lanes * (planes + 2);
    }

    @Override
    public int group() {
        return 256;
    }

    @Override
    public int limit() {
        return LIMIT;
    }

    /** Records, then what {@link IntegerActivations} makes. */
    @Override
    public long bytes(int columns) {
        return columns / 256 * record() + 2L * columns + columns / 64;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        int blocks = columns / 256;
        long records = prepared.address();
        long integers = records + blocks * record();
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        for (int block = 0; block < blocks; block++) {
            long record = records + block * record();
            for (int lane = 0; lane < lanes; lane++) {
                int before = 0;
                int sum = 0;
                for (int plane = 0; plane < planes; plane++) {
                    int column = column(plane, lane);
                    int value = column < 0 ? 0 : ALL.get(SHORT, integers + 2L * (256 * block + column));
                    ALL.set(SHORT, record + 2L * (lanes * plane + lane), (short) (value - carry(plane) * before));
                    before = value;
                    sum += value;
                }
                ALL.set(SHORT, record + 2L * (lanes * planes + lane), (short) -sum);
            }
            ALL.set(
                    FLOAT,
                    record + 2L * lanes * (planes + 1),
                    ALL.get(FLOAT, scales + 4L * block) * Avx512.UPPER_SCALE);
        }
    }
}
