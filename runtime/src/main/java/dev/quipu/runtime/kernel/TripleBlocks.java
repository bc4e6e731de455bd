package dev.quipu.runtime.kernel;

import static dev.quipu.runtime.kernel.IntegerActivations.FLOAT;
import static dev.quipu.runtime.kernel.IntegerActivations.SHORT;

import java.lang.foreign.MemorySegment;

/**
 * Activations for {@link NibbleBlocksAvx512}: one record for every three blocks of 32 columns.
 *
 * <pre>
 * short[4][32]  factors: x0, x1 - 16 x0, x2 - 16 x1, x3 - 16 x2
 * short[32]     constant
 * float[16]     activation scale times 2^112 (which the scale of the weights lacks)
 * </pre>
 *
 * Lanes are those of the weights' blocks: lane l of the shorts is short l % blockShorts of block l / blockShorts.
 */
enum TripleBlocks implements QuantizedActivations {
    Q4_0(9),
    Q4_1(10);

    /** Bytes of a record. */
    static final int RECORD = 384;

    private static final int LIMIT = 255;

    private final int blockShorts;

    TripleBlocks(int blockShorts) {
        this.blockShorts = blockShorts;
    }

    /** Shorts of a block of weights, eight of them nibbles. */
    int blockShorts() {
        return blockShorts;
    }

    /** Whether the weights are d n + m rather than d (n - 8). */
    boolean hasMinimum() {
        return blockShorts == 10;
    }

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
        int records = records(columns);
        long integers = (long) records * RECORD;
        long scales = integers + 2L * columns;
        IntegerActivations.quantize(x, columns, 32, LIMIT, prepared, integers, prepared, scales);
        IntegerActivations.clear(prepared, integers);
        for (int block = 0; block < blocks; block++) {
            long record = block / 3 * (long) RECORD;
            int firstShort = block % 3 * blockShorts;
            int quants = firstShort + blockShorts - 8;
            int sum = 0;
            for (int k = 0; k < 8; k++) {
                long from = integers + 64L * block + 4L * k;
                int x0 = prepared.get(SHORT, from);
                int x2 = prepared.get(SHORT, from + 2);
                int x1 = prepared.get(SHORT, from + 32);
                int x3 = prepared.get(SHORT, from + 34);
                long to = record + 2L * (quants + k);
                prepared.set(SHORT, to, (short) x0);
                prepared.set(SHORT, to + 64, (short) (x1 - 16 * x0));
                prepared.set(SHORT, to + 128, (short) (x2 - 16 * x1));
                prepared.set(SHORT, to + 192, (short) (x3 - 16 * x2));
                int four = x0 + x1 + x2 + x3;
                sum += four;
                if (!hasMinimum()) {
                    prepared.set(SHORT, to + 256, (short) (-8 * four));
                }
            }
            if (hasMinimum()) {
                prepared.set(SHORT, record + 2L * firstShort + 256, (short) sum);
            }
            float scale = prepared.get(FLOAT, scales + 4L * block) * Avx512.HALF_SCALE;
            // Int lanes whose first short is of this block: a lane that spans two holds the next one's scale.
            for (int lane = (firstShort + 1) / 2; 2 * lane < firstShort + blockShorts; lane++) {
                prepared.set(FLOAT, record + 320 + 4L * lane, scale);
            }
        }
    }
}
