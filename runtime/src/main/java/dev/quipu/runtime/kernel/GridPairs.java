package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.SHORT;
import static dev.quipu.runtime.kernel.Lanes.INT;

import java.lang.foreign.MemorySegment;

/**
 * Activations for IQ3_S at 256 bits: a record for each super-block, of groups of 32 columns.
 *
 * <pre>
 * int[8][2][8]  of a group's eight points first 2^16 x0 + x1, then 2^16 x2 + x3
 * float[8]      scales times 2^-15, since weights have a factor of two
 * float[8]      scales times the sums of groups, with what kernels leave in, times 15
 * </pre>
 *
 * As in {@link PairActivations} a multiplication adds two products, and leaves in a lower half. Four products sum to at most 4 * 15 * 511 =
 * 30,660.
 */
enum GridPairs implements QuantizedActivations {
    IQ3_S;

    /** Bytes before the scales, before the sums, and of a record. */
    static final int SCALES = 512;

    static final int SUMS = 544;
    static final int RECORD = 576;

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return PairActivations.NIBBLES.limit();
    }

    @Override
    public double spill() {
        return PairActivations.NIBBLES.spill();
    }

    @Override
    public int spilling(int column) {
        return PairActivations.NIBBLES.spilling(column);
    }

    /** Records, then what {@link IntegerActivations} makes. */
    @Override
    public long bytes(int columns) {
        return columns / 256 * (long) RECORD + 2L * columns + columns / 8;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        long records = prepared.address();
        long integers = records + columns / 256 * (long) RECORD;
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x.address(), columns, this, integers, scales);
        for (int group = 0; group < columns / 32; group++) {
            long record = records + group / 8 * (long) RECORD;
            int sum = 0;
            for (int pair = 0; pair < 16; pair++) {
                int even = ALL.get(SHORT, integers + 64L * group + 4 * pair);
                int odd = ALL.get(SHORT, integers + 64L * group + 4 * pair + 2);
                ALL.set(INT, record + 64 * (group % 8) + 4 * (pair / 2) + 32 * (pair % 2), (even << 16) + odd);
                // What is subtracted from both weights, and what it leaves in.
                sum += (even + odd << 16) + odd;
            }
            float scale = ALL.get(FLOAT, scales + 4L * group) * PairActivations.LOWER_HALF;
            ALL.set(FLOAT, record + SCALES + 4 * (group % 8), 2 * scale);
            ALL.set(FLOAT, record + SUMS + 4 * (group % 8), 15 * scale * sum);
        }
    }
}
