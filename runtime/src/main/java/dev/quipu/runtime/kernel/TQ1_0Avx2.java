package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import dev.quipu.kvcache.simd.LaneSwap;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * TQ1_0 times 10-bit integers, 256 bits: w = d (n - 1). {@link TQ1_0Rows} has the layout and the digits.
 *
 * <p>Of a byte b, digits 0 to k make the number b 3^(k + 1) / 256, and digit k is that less three times the one before. So the digits' products
 * are n0 x0 + n1 x1 + ... = (3 b / 256)(x0 - 3 x1) + (9 b / 256)(x1 - 3 x2) + ..., in 16-bit arithmetic that wraps.
 */
final class TQ1_0Avx2 implements RowProduct {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Integer> PIECE = IntVector.SPECIES_128;

    private static final ShortVector LOW = ShortVector.broadcast(S, (short) 255);
    private static final ShortVector THREE = ShortVector.broadcast(S, (short) 3);

    /** 3^n for the last 16 columns. */
    private static final ShortVector POWERS =
            ShortVector.fromArray(S, new short[] {1, 1, 1, 1, 3, 3, 3, 3, 9, 9, 9, 9, 27, 27, 27, 27}, 0);

    private static final IntVector BOTH = IntVector.broadcast(I, Avx512.BOTH_HALVES);
    private static final IntVector UPPER = IntVector.broadcast(I, Avx512.UPPER_HALF);

    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return TernaryBlocks.TQ1_0_HALVES;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long record = TernaryBlocks.TQ1_0_HALVES.record();
        long end = x + columns / 256 * record;
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (long at = x; at != end; at += record) {
                // Before the vectors, which would wait in registers while this is checked.
                float d = Float.float16ToFloat(ALL.get(SHORT, p + 52)) * ALL.get(FLOAT, at + 544);
                IntVector piece = IntVector.broadcast(PIECE, ALL.get(INT, p + 48));
                ShortVector q = ((ShortVector) piece.reinterpretAsBytes().convertShape(ZERO_EXTEND_B2S, S, 0))
                        .mul(POWERS)
                        .and(LOW)
                        .mul(THREE);
                ShortVector s = LOW.and(q.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts())
                        .mul(ShortVector.fromMemorySegment(S, ALL, at + 480, LE))
                        .add(ShortVector.fromMemorySegment(S, ALL, at + 512, LE));
                for (int i = 0; i < 3; i++) {
                    q = (ShortVector)
                            ByteVector.fromMemorySegment(B, ALL, p + 16 * i, LE).convertShape(ZERO_EXTEND_B2S, S, 0);
                    for (int plane = 5 * i + 4; plane >= 5 * i; plane--) {
                        q = q.mul(THREE);
                        s = LOW.and(q.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts())
                                .mul(ShortVector.fromMemorySegment(S, ALL, at + 32 * plane, LE))
                                .add(s);
                    }
                }
                a = ((FloatVector) BOTH.mul(s.reinterpretAsInts()).and(UPPER).convertShape(I2F, F, 0))
                        .fma(FloatVector.broadcast(F, d), a);
                p += 54;
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
