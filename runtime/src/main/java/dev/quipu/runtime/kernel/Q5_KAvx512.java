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
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

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
        long end = x + columns / 256 * (long) SuperBlocks.RECORD;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ByteVector packed = Q4_KAvx512.PACKED;
        ShortVector lowMask = Q4_KAvx512.LOW_MASK;
        ShortVector highShift = Q4_KAvx512.HIGH_SHIFT;
        ShortVector highMask = Q4_KAvx512.HIGH_MASK;
        IntVector group01 = Q4_KAvx512.GROUP_01;
        IntVector group23 = Q4_KAvx512.GROUP_23;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector fifth = FIFTH;
        IntVector nibbles = IntVector.broadcast(I, 0x0f0f0f0f);
        IntVector fifths = IntVector.broadcast(I, 0x10101010);
        for (int r = 0; r < count; r++) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            // Lanes 8 to 15 are minima; what the others are is not meant.
            FloatVector m = a;
            long p = w + r * rowBytes;
            for (long at = x; at != end; at += SuperBlocks.RECORD) {
                ShortVector i = packed.selectFrom(ByteVector.fromMemorySegment(Q4_KAvx512.B32, ALL, p, LE))
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
                IntVector h = IntVector.fromMemorySegment(I, ALL, p, LE);
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
                p += 176;
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
