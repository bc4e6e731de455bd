package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.F8;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q4_K times 9-bit integers, 512 bits: w = d scale n - dmin min.
 *
 * <p>A super-block has 144 bytes: d and dmin (half precision), 12 bytes of eight 6-bit scales and mins, and 128 bytes of
 * nibbles, whose j-th 32 bytes hold group 2j low and 2j+1 high. The packed scales become 16 short lanes, scales then mins, by
 * one byte permute and one shift. {@link SuperBlocks} says how eight products are added by one multiplication. The sums of two planes, halves
 * of long lanes, come together as ints of one vector.
 */
final class Q4_KAvx512 implements RowProduct {
    static final VectorSpecies<Byte> B32 = ByteVector.SPECIES_256;
    private static final VectorSpecies<Short> S16 = ShortVector.SPECIES_256;

    /** Short i gets the byte with the low bits of scale i or min i - 8, and above it the one with its top bits. */
    static final ByteVector PACKED = (ByteVector)
            Avx512.bytes(l -> l < 32 ? packedByte(l / 2, l % 2) : 0).reinterpretShape(B32, 0);

    /** The last four mins have their low bits in the upper half of a byte, so they are taken times 16. */
    static final ShortVector LOW_MASK = shorts(i -> i % 8 < 4 ? 63 : i < 8 ? 15 : 0xf0);

    static final ShortVector HIGH_SHIFT = shorts(i -> i < 12 ? 10 : 6);
    static final ShortVector HIGH_MASK = shorts(i -> i % 8 < 4 ? 0 : i < 8 ? 0x30 : 0x300);

    /** Which group the sums of planes 0 and 1 are of: even ints of plane 1, odd ones of plane 0. */
    static final IntVector GROUP_01 = Avx512.ints(i -> i / 8 * 2 + 1 - i % 2);

    /** Likewise of planes 2 and 3. */
    static final IntVector GROUP_23 = Avx512.ints(i -> 4 + i / 8 * 2 + 1 - i % 2);

    private static ShortVector shorts(IntUnaryOperator lane) {
        return (ShortVector) Avx512.shorts(lane).reinterpretShape(S16, 0);
    }

    /** Where in a super-block byte {@code part} of lane {@code i} of {@link #PACKED} comes from. */
    private static int packedByte(int i, int part) {
        int j = i % 8;
        boolean min = i >= 8;
        return part == 0 ? 4 + (j < 4 && !min ? j : j + 4) : 4 + (j < 4 || min ? j : j - 4);
    }

    @Override
    public ActivationFormat format() {
        return SuperBlocks.Q4_K;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + columns / 256 * (long) SuperBlocks.RECORD;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ByteVector packed = PACKED;
        ShortVector lowMask = LOW_MASK;
        ShortVector highShift = HIGH_SHIFT;
        ShortVector highMask = HIGH_MASK;
        IntVector group01 = GROUP_01;
        IntVector group23 = GROUP_23;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector nibbles = IntVector.broadcast(I, 0x0f0f0f0f);
        for (int r = 0; r < count; r++) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            // Lanes 8 to 15 are minima; what the others are is not meant.
            FloatVector m = a;
            long p = w + r * rowBytes;
            for (long at = x; at != end; at += SuperBlocks.RECORD) {
                ShortVector i = packed.selectFrom(ByteVector.fromMemorySegment(B32, ALL, p, LE))
                        .reinterpretAsShorts();
                i = i.and(lowMask).or(i.lanewise(LSHR, highShift).and(highMask));
                FloatVector each = ((FloatVector) i.convertShape(S2F, F, 0))
                        .mul(FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SCALES, LE));
                // Subnormal halves become subnormal floats where vectors are converted, at some 25 cycles each.
                int halves = IntVector.fromMemorySegment(Avx512.I4, ALL, p, LE).lane(0);
                FloatVector d = FloatVector.broadcast(F8, Float.float16ToFloat((short) halves));
                m = each.fma(FloatVector.broadcast(F, Float.float16ToFloat((short) (halves >> 16))), m);
                IntVector scales = ((FloatVector) each.reinterpretShape(F8, 0))
                        .mul(d)
                        .reinterpretShape(F, 0)
                        .reinterpretAsInts();
                IntVector q = IntVector.fromMemorySegment(I, ALL, p + 16, LE);
                ShortVector s = q.and(nibbles).reinterpretAsShorts();
                LongVector t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 64, LE)));
                s = q.lanewise(LSHR, 4).and(nibbles).reinterpretAsShorts();
                LongVector u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 128, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 192, LE)));
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                a = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group01.selectFrom(scales).reinterpretAsFloats(), a);
                q = IntVector.fromMemorySegment(I, ALL, p + 80, LE);
                s = q.and(nibbles).reinterpretAsShorts();
                t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 256, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 320, LE)));
                s = q.lanewise(LSHR, 4).and(nibbles).reinterpretAsShorts();
                u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 384, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 448, LE)));
                c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                b = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group23.selectFrom(scales).reinterpretAsFloats(), b);
                p += 144;
            }
            a = a.add(b).add(m, Avx512.UPPER);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
