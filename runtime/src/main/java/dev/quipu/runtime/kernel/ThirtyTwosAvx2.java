package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.B2F;
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
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q4_K and Q5_K times integers of ten and nine bits, 256 bits: w = d scale n - dmin min, in groups of 32 columns. {@link Q4_KAvx512}
 * and {@link Q5_KAvx512} have the layout, {@link PairActivations} how products are added.
 *
 * <p>A template of {@link SimdWidth}: the type is a constant.
 */
final class ThirtyTwosAvx2 implements RowProduct {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Long> L = LongVector.SPECIES_128;

    private static final boolean FIFTH = SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class) == GgmlType.Q5_K;
    private static final long BYTES = FIFTH ? 176 : 144;
    private static final int NIBBLES = FIFTH ? 48 : 16;

    /** Where a fifth bit belongs. */
    private static final IntVector BIT = IntVector.broadcast(I, 0x00100010);

    private static final IntVector FIRST = IntVector.zero(I);
    private static final IntVector SECOND = IntVector.broadcast(I, 1);

    /** The scales of the next two groups become the first two. */
    private static final IntVector NEXT = IntVector.fromArray(I, new int[] {2, 3, 4, 5, 6, 7, 0, 1}, 0);

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
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            long xScales = end;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector m = a;
            for (long pairs = x; pairs != end; pairs += 512) {
                int k0 = ALL.get(INT, p + 4);
                int k1 = ALL.get(INT, p + 8);
                int k2 = ALL.get(INT, p + 12);
                // Eight scales and eight mins, a byte each.
                long scales = k0 & 0x3f3f3f3fL | (k2 & 0x0f0f0f0fL | k0 >>> 2 & 0x30303030L) << 32;
                long mins = k1 & 0x3f3f3f3fL | (k2 >>> 4 & 0x0f0f0f0fL | k1 >>> 2 & 0x30303030L) << 32;
                FloatVector s = ((FloatVector) LongVector.broadcast(L, scales)
                                .reinterpretAsBytes()
                                .convertShape(B2F, F, 0))
                        .mul(FloatVector.fromMemorySegment(F, ALL, xScales, LE))
                        .mul(FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p))));
                m = ((FloatVector) LongVector.broadcast(L, mins)
                                .reinterpretAsBytes()
                                .convertShape(B2F, F, 0))
                        .mul(FloatVector.fromMemorySegment(F, ALL, xScales + toSums, LE))
                        .fma(FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p + 2))), m);
                for (int g = 0; g < 4; g++) {
                    long at = pairs + 128 * g;
                    IntVector q0 = ((ShortVector) ByteVector.fromMemorySegment(B, ALL, p + NIBBLES + 32 * g, LE)
                                    .convertShape(ZERO_EXTEND_B2S, S, 0))
                            .reinterpretAsInts();
                    IntVector q1 = ((ShortVector) ByteVector.fromMemorySegment(B, ALL, p + NIBBLES + 32 * g + 16, LE)
                                    .convertShape(ZERO_EXTEND_B2S, S, 0))
                            .reinterpretAsInts();
                    IntVector n0 = q0.and(nibbles);
                    IntVector n1 = q1.and(nibbles);
                    IntVector n2 = q0.lanewise(LSHR, 4).and(nibbles);
                    IntVector n3 = q1.lanewise(LSHR, 4).and(nibbles);
                    if (FIFTH) {
                        IntVector h0 = ((ShortVector) ByteVector.fromMemorySegment(B, ALL, p + 16, LE)
                                        .convertShape(ZERO_EXTEND_B2S, S, 0))
                                .reinterpretAsInts()
                                .lanewise(LSHR, 2 * g);
                        IntVector h1 = ((ShortVector) ByteVector.fromMemorySegment(B, ALL, p + 32, LE)
                                        .convertShape(ZERO_EXTEND_B2S, S, 0))
                                .reinterpretAsInts()
                                .lanewise(LSHR, 2 * g);
                        n0 = BIT.and(h0.lanewise(LSHL, 4)).or(n0);
                        n1 = BIT.and(h1.lanewise(LSHL, 4)).or(n1);
                        n2 = BIT.and(h0.lanewise(LSHL, 3)).or(n2);
                        n3 = BIT.and(h1.lanewise(LSHL, 3)).or(n3);
                    }
                    IntVector t = n0.mul(IntVector.fromMemorySegment(I, ALL, at, LE))
                            .add(n1.mul(IntVector.fromMemorySegment(I, ALL, at + 32, LE)));
                    IntVector u = n2.mul(IntVector.fromMemorySegment(I, ALL, at + 64, LE))
                            .add(n3.mul(IntVector.fromMemorySegment(I, ALL, at + 96, LE)));
                    a = ((FloatVector) t.convertShape(I2F, F, 0))
                            .fma(FIRST.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(), a);
                    b = ((FloatVector) u.convertShape(I2F, F, 0))
                            .fma(SECOND.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(), b);
                    s = NEXT.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats();
                }
                p += BYTES;
                xScales += 32;
            }
            a = a.add(b).sub(m);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
