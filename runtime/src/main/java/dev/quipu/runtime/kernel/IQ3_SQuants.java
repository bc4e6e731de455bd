package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LONG;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.XOR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** IQ3_S, w = d (1 + 2 scale) q, magnitudes up to 15: 15 · 2184 < 2^15. {@link IQ3_SRows} has the layout. */
final class IQ3_SQuants implements QuantUnpacker {
    static final int LARGEST = 15;

    /** Magnitudes plus {@value #LARGEST}, four bytes. */
    private static final int[] GRID = grid();

    private static final IntVector CENTRE = Quants.centre(LARGEST);

    /** n ^ 30 is 30 - n, for even n up to 30: -q for q. */
    private static final ShortVector NEGATE = ShortVector.broadcast(Quants.S, (short) (2 * LARGEST));

    private static int[] grid() {
        int[] grid = CodeBooks.iq3s();
        for (int i = 0; i < grid.length; i++) {
            grid[i] += LARGEST * 0x01010101;
        }
        return grid;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return LARGEST;
    }

    @Override
    public void unpack(
            MemorySegment w,
            long offset,
            int[] pairs,
            int pairsOffset,
            float[] scales,
            int scalesOffset,
            float[] minima,
            int minimaOffset,
            int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 110L * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            int scale = ALL.get(INT, p + 106);
            for (int g = 0; g < 8; g++) {
                scales[scalesOffset + 8 * block + g] = d * (1 + 2 * (scale >>> 4 * g & 15));
            }
            int at = pairsOffset + 128 * block;
            points(p, pairs, at + 64);
            signs(p + 74, pairs, at);
        }
    }

    /** Four columns a number. */
    private static void points(long p, int[] points, int at) {
        for (int i = 0; i < 8; i++) {
            long low = ALL.get(LONG, p + 2 + 8 * i);
            int high = ALL.get(JAVA_BYTE, p + 66 + i) << 8;
            for (int k = 0; k < 8; k++) {
                points[at + 8 * i + k] = GRID[(int) (low >>> 8 * k) & 255 | high >>> k & 256];
            }
        }
    }

    /** From points in the second half of the place for pairs. */
    private static void signs(long p, int[] pairs, int at) {
        for (int i = 0; i < 16; i++) {
            ShortVector n = (ShortVector) IntVector.fromArray(IntVector.SPECIES_128, pairs, at + 64 + 4 * i)
                    .reinterpretAsBytes()
                    .convertShape(ZERO_EXTEND_B2S, Quants.S, 0);
            ShortVector negative = Quants.ZERO.blend(NEGATE, Quants.set(ALL.get(SHORT, p + 2 * i)));
            Quants.store(n.lanewise(XOR, negative), CENTRE, pairs, at + 8 * i);
        }
    }
}
