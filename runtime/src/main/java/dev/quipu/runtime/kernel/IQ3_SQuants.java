package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/** IQ3_S, w = d (1 + 2 scale) q, magnitudes up to 15: 15 · 2184 < 2^15. {@link IQ3_SRows} has the layout. */
final class IQ3_SQuants implements QuantUnpacker {
    static final int LARGEST = 15;

    /** Magnitudes plus {@value #LARGEST}, four bytes. */
    private static final int[] GRID = grid();

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;

    private static final IntVector NINTH = IntVector.broadcast(I, 256);

    /** Brings bit i to place 8. */
    private static final IntVector TO_NINTH = Lanes.iota(I).neg().add(8);

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
            indices(p, pairs, at);
            points(pairs, at);
            signs(p + 74, pairs, at);
        }
    }

    /** Of nine bits, in the first half of the place for pairs. */
    private static void indices(long p, int[] indices, int at) {
        for (int i = 0; i < 8; i++) {
            NINTH.and(IntVector.broadcast(I, ALL.get(JAVA_BYTE, p + 66 + i)).lanewise(LSHL, TO_NINTH))
                    .or(((IntVector)
                            ByteVector.fromMemorySegment(ByteVector.SPECIES_64, ALL, p + 2 + 8 * i, Unpacker.LE)
                                    .convertShape(ZERO_EXTEND_B2I, I, 0)))
                    .intoArray(indices, at + 8 * i);
        }
    }

    /** Four columns a number, in the second half. */
    private static void points(int[] pairs, int at) {
        for (int i = 0; i < 64; i++) {
            pairs[at + 64 + i] = GRID[pairs[at + i] & 511];
        }
    }

    /** From points to pairs, from the first one on. */
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
