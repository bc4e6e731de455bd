package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.LONG;
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
 * Q2_K, Q3_K and Q6_K times integers of ten, ten and nine bits, 256 bits: w = d scale n - dmin min, w = d scale (n - 4), w = d scale
 * (n - 32), in groups of 16 columns. {@link Q2_KAvx512}, {@link Q3_KAvx512} and {@link Q6_KAvx512} have the layouts, {@link
 * PairActivations} how products are added.
 *
 * <p>All three have 128 columns in 32 bytes of two or more bits each: byte i those of columns i, i + 32, i + 64 and i + 96.
 * What minima, or what is subtracted from each weight, make of a group is added to sums of its own.
 *
 * <p>A template of {@link SimdWidth}: the type is a constant.
 */
final class SixteensAvx2 implements RowProduct {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Long> L = LongVector.SPECIES_128;

    private static final GgmlType TYPE = SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class);
    private static final boolean Q2 = TYPE == GgmlType.Q2_K;
    private static final boolean Q3 = TYPE == GgmlType.Q3_K;
    private static final boolean Q6 = TYPE == GgmlType.Q6_K;
    private static final long BYTES = Q2 ? 84 : Q3 ? 110 : 210;

    /** Bytes before the scales, the bits that come in fours of columns, and d. */
    private static final int SCALES = Q2 ? 0 : Q3 ? 96 : 192;

    private static final int FOURS = Q2 ? 16 : Q3 ? 32 : 128;
    private static final int D = Q2 ? 80 : Q3 ? 108 : 208;

    /** What is subtracted from weights; of Q2_K, minima are. */
    private static final float BIAS = Q2 ? 1 : Q3 ? 4 : 32;

    /** The block of 32 columns of a group, in the first and the second half of a super-block. */
    private static final IntVector BLOCK_0 = IntVector.fromArray(I, new int[] {0, 0, 1, 1, 2, 2, 3, 3}, 0);

    private static final IntVector BLOCK_1 = BLOCK_0.add(4);

    private static final IntVector FIRST = IntVector.zero(I);
    private static final IntVector SECOND = IntVector.broadcast(I, 2);
    private static final IntVector THIRD = IntVector.broadcast(I, 4);
    private static final IntVector FOURTH = IntVector.broadcast(I, 6);

    /** The scales of the next groups of each four columns. */
    private static final IntVector NEXT = IntVector.fromArray(I, new int[] {1, 2, 3, 4, 5, 6, 7, 0}, 0);

    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return Q6 ? PairActivations.SIX_BITS : PairActivations.NIBBLES;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + PairActivations.scales(columns);
        IntVector nibbles = IntVector.broadcast(I, 0x000f000f);
        IntVector upper = IntVector.broadcast(I, 0x00300030);
        IntVector lower = IntVector.broadcast(I, 0x00030003);
        IntVector third = IntVector.broadcast(I, 0x00040004);
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            long xScales = end;
            long xSums = x + PairActivations.halfSums(columns);
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector m = a;
            for (long pairs = x; pairs != end; pairs += 512) {
                // Sixteen scales, a byte each.
                long k0 = ALL.get(LONG, p + SCALES);
                long k1 = Q3 ? ALL.get(INT, p + SCALES + 8) : ALL.get(LONG, p + SCALES + 8);
                FloatVector d = FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p + D)));
                FloatVector e = Q2 ? FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p + D + 2))) : d;
                FloatVector xs = FloatVector.fromMemorySegment(F, ALL, xScales, LE);
                for (int half = 0; half < 2; half++) {
                    long k;
                    if (Q3) {
                        long upperBits = (k1 >>> 4 * half & 0x03030303L) | (k1 >>> 4 * half + 2 & 0x03030303L) << 32;
                        k = (k0 >>> 4 * half & 0x0f0f0f0f0f0f0f0fL) | upperBits << 4;
                    } else {
                        k = half == 0 ? k0 : k1;
                    }
                    FloatVector s = (FloatVector) LongVector.broadcast(L, Q2 ? k & 0x0f0f0f0f0f0f0f0fL : k)
                            .reinterpretAsBytes()
                            .convertShape(B2F, F, 0);
                    if (Q3) {
                        s = s.sub(32f);
                    }
                    FloatVector minima = Q2
                            ? (FloatVector) LongVector.broadcast(L, k >>> 4 & 0x0f0f0f0f0f0f0f0fL)
                                    .reinterpretAsBytes()
                                    .convertShape(B2F, F, 0)
                            : s;
                    m = FloatVector.fromMemorySegment(F, ALL, xSums + 32 * half, LE)
                            .mul(minima)
                            .fma(e, m);
                    s = (half == 0 ? BLOCK_0 : BLOCK_1)
                            .selectFrom(xs.reinterpretAsInts())
                            .reinterpretAsFloats()
                            .mul(d)
                            .mul(s);
                    for (int in = 0; in < 32; in += 16) {
                        long at = pairs + 256 * half + 2 * in;
                        IntVector h = ((ShortVector)
                                        ByteVector.fromMemorySegment(B, ALL, p + FOURS + 32 * half + in, LE)
                                                .convertShape(ZERO_EXTEND_B2S, S, 0))
                                .reinterpretAsInts();
                        IntVector n0;
                        IntVector n1;
                        IntVector n2;
                        IntVector n3;
                        if (Q6) {
                            IntVector q0 = ((ShortVector) ByteVector.fromMemorySegment(B, ALL, p + 64 * half + in, LE)
                                            .convertShape(ZERO_EXTEND_B2S, S, 0))
                                    .reinterpretAsInts();
                            IntVector q1 = ((ShortVector)
                                            ByteVector.fromMemorySegment(B, ALL, p + 64 * half + in + 32, LE)
                                                    .convertShape(ZERO_EXTEND_B2S, S, 0))
                                    .reinterpretAsInts();
                            n0 = upper.and(h.lanewise(LSHL, 4)).or(q0.and(nibbles));
                            n1 = upper.and(h.lanewise(LSHL, 2)).or(q1.and(nibbles));
                            n2 = upper.and(h).or(q0.lanewise(LSHR, 4).and(nibbles));
                            n3 = upper.and(h.lanewise(LSHR, 2))
                                    .or(q1.lanewise(LSHR, 4).and(nibbles));
                        } else {
                            n0 = lower.and(h);
                            n1 = lower.and(h.lanewise(LSHR, 2));
                            n2 = lower.and(h.lanewise(LSHR, 4));
                            n3 = lower.and(h.lanewise(LSHR, 6));
                            if (Q3) {
                                // Bit 4 half + plane is the third one of a plane's columns; in the second half it is in
                                // place.
                                IntVector t = ((ShortVector) ByteVector.fromMemorySegment(B, ALL, p + in, LE)
                                                .convertShape(ZERO_EXTEND_B2S, S, 0))
                                        .reinterpretAsInts()
                                        .lanewise(LSHL, 4 - 4 * half);
                                n0 = third.and(t.lanewise(LSHR, 2)).or(n0);
                                n1 = third.and(t.lanewise(LSHR, 3)).or(n1);
                                n2 = third.and(t.lanewise(LSHR, 4)).or(n2);
                                n3 = third.and(t.lanewise(LSHR, 5)).or(n3);
                            }
                        }
                        IntVector f = s.reinterpretAsInts();
                        a = ((FloatVector) n0.mul(IntVector.fromMemorySegment(I, ALL, at, LE))
                                        .convertShape(I2F, F, 0))
                                .fma(FIRST.selectFrom(f).reinterpretAsFloats(), a);
                        b = ((FloatVector) n1.mul(IntVector.fromMemorySegment(I, ALL, at + 64, LE))
                                        .convertShape(I2F, F, 0))
                                .fma(SECOND.selectFrom(f).reinterpretAsFloats(), b);
                        a = ((FloatVector) n2.mul(IntVector.fromMemorySegment(I, ALL, at + 128, LE))
                                        .convertShape(I2F, F, 0))
                                .fma(THIRD.selectFrom(f).reinterpretAsFloats(), a);
                        b = ((FloatVector) n3.mul(IntVector.fromMemorySegment(I, ALL, at + 192, LE))
                                        .convertShape(I2F, F, 0))
                                .fma(FOURTH.selectFrom(f).reinterpretAsFloats(), b);
                        s = NEXT.selectFrom(f).reinterpretAsFloats();
                    }
                }
                p += BYTES;
                xScales += 32;
                xSums += 64;
            }
            a = a.add(b).sub(m.mul(BIAS));
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
