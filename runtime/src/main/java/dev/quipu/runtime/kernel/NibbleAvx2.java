package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q4_0 and Q4_1 times 10-bit integers, Q5_0 and Q5_1 times 9-bit ones, 256 bits: w = d (n - 8), w = d (n - 16), w = d n + m. {@link
 * NibbleRows} and {@link FifthBitRows} have the layouts, {@link PairActivations} how products are added. What the constants
 * make of a block is added to a sum of its own.
 *
 * <p>A template of {@link SimdWidth}: the type is a constant.
 */
final class NibbleAvx2 implements RowProduct {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;

    private static final GgmlType TYPE = SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class);
    private static final boolean MINIMUM = TYPE == GgmlType.Q4_1 || TYPE == GgmlType.Q5_1;
    private static final boolean FIFTH = TYPE == GgmlType.Q5_0 || TYPE == GgmlType.Q5_1;

    /** Bytes before the fifth bits, if there are any, and before the nibbles. */
    private static final int BITS = MINIMUM ? 4 : 2;

    private static final int HEAD = FIFTH ? BITS + 4 : BITS;
    private static final float BIAS = MINIMUM ? 1 : FIFTH ? -16 : -8;

    /** Twice a lane's number: where the first of its two fifth bits is, of 16 in the lower half of an int; that of the second is at the next place of the upper half. */
    private static final IntVector PLACE = IntVector.zero(I).addIndex(2);

    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return FIFTH ? PairActivations.SIX_BITS : PairActivations.NIBBLES;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + PairActivations.scales(columns);
        long toSums = PairActivations.sums(columns) - PairActivations.scales(columns);
        IntVector nibbles = IntVector.broadcast(I, 0x000f000f);
        IntVector one = IntVector.broadcast(I, 0x00010001);
        IntVector place = PLACE;
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            long xScale = end;
            FloatVector a = FloatVector.zero(F);
            float b = 0;
            for (long pairs = x; pairs != end; pairs += 64) {
                IntVector low = IntVector.fromMemorySegment(I, ALL, pairs, LE);
                IntVector high = IntVector.fromMemorySegment(I, ALL, pairs + 32, LE);
                IntVector q = ((ShortVector) ByteVector.fromMemorySegment(B, ALL, p + HEAD, LE)
                                .convertShape(ZERO_EXTEND_B2S, S, 0))
                        .reinterpretAsInts();
                IntVector n0 = q.and(nibbles);
                IntVector n1 = q.lanewise(LSHR, 4).and(nibbles);
                if (FIFTH) {
                    long bits = ALL.get(INT, p + BITS);
                    n0 = IntVector.broadcast(I, (int) (bits & 0xffff | bits << 15))
                            .lanewise(LSHR, place)
                            .and(one)
                            .lanewise(LSHL, 4)
                            .or(n0);
                    n1 = IntVector.broadcast(I, (int) (bits >>> 16 & 0xffff | bits >>> 1 & 0x7fff8000))
                            .lanewise(LSHR, place)
                            .and(one)
                            .lanewise(LSHL, 4)
                            .or(n1);
                }
                IntVector t = n0.mul(low).add(n1.mul(high));
                float d = Float.float16ToFloat(ALL.get(SHORT, p));
                a = ((FloatVector) t.convertShape(I2F, F, 0))
                        .fma(FloatVector.broadcast(F, d * ALL.get(FLOAT, xScale)), a);
                b = Math.fma(
                        MINIMUM ? Float.float16ToFloat(ALL.get(SHORT, p + 2)) : d, ALL.get(FLOAT, xScale + toSums), b);
                p += HEAD + 16;
                xScale += 4;
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, Math.fma(BIAS, b, a.lane(0)));
        }
    }
}
