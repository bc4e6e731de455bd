package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q3_K times 9-bit integers, 512 bits: w = d (scale - 32) (n - 4).
 *
 * <p>A super-block has 110 bytes: 32 of upper bits, 64 of bit pairs, 12 of 16 packed 6-bit scales (one for 16 columns), d.
 * Bit pair j of byte i of either half of the pairs is column 32 j + i of that half. The -4 becomes one multiply-add with
 * the groups' activation sums.
 */
final class Q3_KAvx512 implements RowProduct {
    /** Lane i gets the byte with the low bits of scale i as byte 0, and the one with its top bits as byte 1. */
    private static final ByteVector PACKED = Avx512.bytes(l -> l % 4 == 0 ? l / 4 % 8 : l % 4 == 1 ? 8 + l / 4 % 4 : 0);

    private static final IntVector LOW_SHIFT = Avx512.ints(i -> i < 8 ? 0 : 4);

    /** Brings the top bits, pair i / 4 of byte 1, to place 4. */
    private static final IntVector HIGH_SHIFT = Avx512.ints(i -> 4 + 2 * (i / 4));

    /** Ints 0 to 7, the upper bits, in both halves. */
    private static final IntVector TWICE = Avx512.ints(i -> i % 8);

    /** The second 128 columns have their upper bits four places further up. */
    private static final IntVector UPPER_SHIFT = Avx512.ints(i -> i < 8 ? 0 : 4);

    /** Which group the sums of planes 0 and 1 are of: even ints of plane 1, odd ones of plane 0. */
    private static final IntVector GROUP_01 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2 + 2 * (1 - i % 2));

    /** Likewise of planes 2 and 3. */
    private static final IntVector GROUP_23 = Avx512.ints(i -> i / 8 * 8 + i / 4 % 2 + 4 + 2 * (1 - i % 2));

    @Override
    public ActivationFormat format() {
        return SuperBlocks.Q3_K;
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
        IntVector lowShift = LOW_SHIFT;
        IntVector highShift = HIGH_SHIFT;
        IntVector twice = TWICE;
        IntVector upperShift = UPPER_SHIFT;
        IntVector group01 = GROUP_01;
        IntVector group23 = GROUP_23;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector nibbles = IntVector.broadcast(I, 15);
        IntVector pairs = IntVector.broadcast(I, 0x03030303);
        IntVector thirds = IntVector.broadcast(I, 0x04040404);
        for (int r = 0; r < count; r++) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            long p = w + r * rowBytes;
            for (long at = x; at != end; at += SuperBlocks.RECORD) {
                IntVector i = packed.selectFrom(ByteVector.fromMemorySegment(B, ALL, p + 96, LE))
                        .reinterpretAsInts();
                i = i.lanewise(LSHR, lowShift)
                        .and(nibbles)
                        .or(i.lanewise(LSHR, highShift).and(0x30))
                        .sub(32);
                FloatVector d = ((FloatVector) i.convertShape(I2F, F, 0)).mul(Float.float16ToFloat((short)
                        IntVector.fromMemorySegment(Avx512.I4, ALL, p + 108, LE).lane(0)));
                b = d.fma(FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SUMS, LE), b);
                IntVector scales = d.mul(FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SCALES, LE))
                        .reinterpretAsInts();
                IntVector h = twice.selectFrom(IntVector.fromMemorySegment(I, ALL, p, LE))
                        .lanewise(LSHR, upperShift);
                IntVector q = IntVector.fromMemorySegment(I, ALL, p + 32, LE);
                ShortVector s = q.and(pairs).or(h.lanewise(LSHL, 2).and(thirds)).reinterpretAsShorts();
                LongVector t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 64, LE)));
                s = q.lanewise(LSHR, 2)
                        .and(pairs)
                        .or(h.lanewise(LSHL, 1).and(thirds))
                        .reinterpretAsShorts();
                LongVector u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 128, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 192, LE)));
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                a = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group01.selectFrom(scales).reinterpretAsFloats(), a);
                s = q.lanewise(LSHR, 4).and(pairs).or(h.and(thirds)).reinterpretAsShorts();
                t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 256, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 320, LE)));
                s = q.lanewise(LSHR, 6)
                        .and(pairs)
                        .or(h.lanewise(LSHR, 1).and(thirds))
                        .reinterpretAsShorts();
                u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 384, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 448, LE)));
                c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                b = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group23.selectFrom(scales).reinterpretAsFloats(), b);
                p += 110;
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
