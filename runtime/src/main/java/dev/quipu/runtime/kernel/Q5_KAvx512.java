package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static dev.quipu.runtime.kernel.Avx512.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q5_K times 9-bit integers, 512 bits: w = d scale n - dmin min.
 *
 * <p>As {@link Q4_KAvx512}, with 32 more bytes in front of the nibbles: bit g of byte i is the fifth bit of column i of
 * group g.
 */
final class Q5_KAvx512 implements RowProduct {
    /** Lane i gets the byte with the low bits of scale i or min i - 8 as byte 0, and the one with its top bits as byte 1. */
    private static final ByteVector PACKED = Avx512.bytes(l -> Q4_KAvx512.packedByte(l / 4, l % 4));

    private static final IntVector LOW_SHIFT = Avx512.ints(i -> i >= 12 ? 4 : 0);
    private static final IntVector LOW_MASK = Avx512.ints(i -> i % 8 < 4 ? 63 : 15);
    private static final IntVector HIGH_MASK = Avx512.ints(i -> i % 8 < 4 ? 0 : 0x30);

    /** Which group the sums of planes 0 and 1 are of: even ints of plane 1, odd ones of plane 0. */
    private static final IntVector GROUP_01 = Avx512.ints(i -> i / 8 * 2 + 1 - i % 2);

    /** Likewise of planes 2 and 3. */
    private static final IntVector GROUP_23 = Avx512.ints(i -> 4 + i / 8 * 2 + 1 - i % 2);

    /** From the head h and h >>> 2: ints 4 to 11, the fifth bits, of both. So plane z finds its bit at 4 (z / 2) + z % 2. */
    private static final IntVector FIFTH = Avx512.ints(i -> i < 8 ? i + 4 : i + 12);

    @Override
    public ActivationFormat format() {
        return SuperBlocks.Q5_K;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 256;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ByteVector packed = PACKED;
        IntVector lowShift = LOW_SHIFT;
        IntVector lowMask = LOW_MASK;
        IntVector highMask = HIGH_MASK;
        IntVector group01 = GROUP_01;
        IntVector group23 = GROUP_23;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector fifth = FIFTH;
        IntVector nibbles = IntVector.broadcast(I, 0x0f0f0f0f);
        IntVector fifths = IntVector.broadcast(I, 0x10101010);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            // Lanes 8 to 15 are minima; what the others are is not meant.
            FloatVector m = a;
            for (int v = 0; v < blocks; v++) {
                long p = row + v * 176L;
                long at = x + v * (long) SuperBlocks.RECORD;
                ByteVector head = ByteVector.fromMemorySegment(B, ALL, p, LE);
                IntVector i = packed.selectFrom(head).reinterpretAsInts();
                i = i.lanewise(LSHR, lowShift)
                        .and(lowMask)
                        .or(i.lanewise(LSHR, 10).and(highMask));
                FloatVector packedScales = (FloatVector) i.convertShape(I2F, F, 0);
                // Not in the vector, as elsewhere: what are subnormal halves would be subnormal floats, some 25 cycles
                // each.
                float dScale = Float.float16ToFloat(ALL.get(SHORT, p));
                float dMin = Float.float16ToFloat(ALL.get(SHORT, p + 2));
                FloatVector each = packedScales.mul(FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SCALES, LE));
                m = each.fma(FloatVector.broadcast(F, dMin), m);
                IntVector scales = each.mul(FloatVector.broadcast(F, dScale)).reinterpretAsInts();
                IntVector h = head.reinterpretAsInts();
                h = fifth.selectFrom(h, h.lanewise(LSHR, 2));
                IntVector q = IntVector.fromMemorySegment(I, ALL, p + 48, LE);
                ShortVector s =
                        q.and(nibbles).or(h.lanewise(LSHL, 4).and(fifths)).reinterpretAsShorts();
                LongVector t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 64, LE)));
                s = q.lanewise(LSHR, 4)
                        .and(nibbles)
                        .or(h.lanewise(LSHL, 3).and(fifths))
                        .reinterpretAsShorts();
                LongVector u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 128, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 192, LE)));
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                a = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group01.selectFrom(scales).reinterpretAsFloats(), a);
                q = IntVector.fromMemorySegment(I, ALL, p + 112, LE);
                s = q.and(nibbles).or(h.and(fifths)).reinterpretAsShorts();
                t = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 256, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 320, LE)));
                s = q.lanewise(LSHR, 4)
                        .and(nibbles)
                        .or(h.lanewise(LSHR, 1).and(fifths))
                        .reinterpretAsShorts();
                u = s.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 384, LE))
                        .add(s.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 448, LE)));
                c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts());
                b = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(group23.selectFrom(scales).reinterpretAsFloats(), b);
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
