package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * IQ4_XS times 8-bit integers, 512 bits: w = d (scale - 32) value[n]. A super-block has 136 bytes: d (half precision), the upper
 * two bits of eight scales, their lower four, and eight times 16 bytes of a nibble each for column j (low) and j + 16 (high). Four
 * of those fill a vector; see {@link IQ4_NLAvx512}.
 */
final class IQ4_XSAvx512 implements RowProduct {
    /** Lane i decodes scale i / 2: its lower bits' and its upper bits' place. */
    private static final IntVector LOWER = Avx512.ints(i -> i / 2 * 4);

    private static final IntVector UPPER = Avx512.ints(i -> i / 2 * 2);

    /** From two rows' scales: those of the first half of a super-block, and of the second. Row 0 is in odd lanes, the other in even ones. */
    private static final IntVector FIRST = Avx512.ints(i -> i / 4 * 2 + 16 * (1 - i % 2));

    private static final IntVector SECOND = FIRST.add(8);

    /** Values plus {@value BookBlocks#BIAS}, four times. */
    private static final ByteVector BOOK = Avx512.bytes(i -> CodeBooks.IQ4_NL.lane(i % 16) + BookBlocks.BIAS);

    @Override
    public ActivationFormat format() {
        return BookBlocks.IQ4_XS;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + columns / 256 * (2L * BookBlocks.RECORD);
        IntVector lower = LOWER;
        IntVector higher = UPPER;
        IntVector first = FIRST;
        IntVector second = SECOND;
        ByteVector book = BOOK;
        ShortVector by2 = ShortVector.broadcast(S, (short) 2);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        LongVector ones = LongVector.broadcast(L, Polynomials.ONES);
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector fifteen = IntVector.broadcast(I, 15);
        IntVector three = IntVector.broadcast(I, 3);
        IntVector bias = IntVector.broadcast(I, 32);
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (long at = x; at != end; at += 2 * BookBlocks.RECORD) {
                IntVector head0 = IntVector.fromMemorySegment(Avx512.I4, ALL, p, LE);
                IntVector head1 = IntVector.fromMemorySegment(Avx512.I4, ALL, p + far, LE);
                ShortVector x0 = ShortVector.fromMemorySegment(S, ALL, at, LE);
                ShortVector x1 = ShortVector.fromMemorySegment(S, ALL, at + 64, LE);
                ShortVector x2 = ShortVector.fromMemorySegment(S, ALL, at + 128, LE);
                ShortVector x3 = ShortVector.fromMemorySegment(S, ALL, at + 192, LE);
                ShortVector c = ShortVector.fromMemorySegment(S, ALL, at + BookBlocks.CONSTANT, LE);
                FloatVector d = FloatVector.fromMemorySegment(F, ALL, at + BookBlocks.SCALES, LE);
                FloatVector d0 = FloatVector.broadcast(F, Float.float16ToFloat((short) head0.lane(0)));
                IntVector k0 = IntVector.broadcast(I, head0.lane(1))
                        .lanewise(LSHR, lower)
                        .and(fifteen)
                        .or(IntVector.broadcast(I, head0.lane(0) >> 16)
                                .lanewise(LSHR, higher)
                                .and(three)
                                .lanewise(LSHL, 4))
                        .sub(bias);
                IntVector s0 =
                        ((FloatVector) k0.convertShape(I2F, F, 0)).mul(d0).reinterpretAsInts();
                IntVector q0 = IntVector.fromMemorySegment(I, ALL, p + 8, LE);
                ShortVector l0 = q0.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                ShortVector u0 = q0.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(book)
                        .reinterpretAsShorts();
                LongVector t = l0.mul(x0)
                        .add(l0.lanewise(LSHR, by8).mul(x1))
                        .add(u0.mul(x2))
                        .add(u0.lanewise(LSHR, by8).mul(x3))
                        .add(c)
                        .lanewise(ASHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                FloatVector d1 = FloatVector.broadcast(F, Float.float16ToFloat((short) head1.lane(0)));
                IntVector k1 = IntVector.broadcast(I, head1.lane(1))
                        .lanewise(LSHR, lower)
                        .and(fifteen)
                        .or(IntVector.broadcast(I, head1.lane(0) >> 16)
                                .lanewise(LSHR, higher)
                                .and(three)
                                .lanewise(LSHL, 4))
                        .sub(bias);
                IntVector s1 =
                        ((FloatVector) k1.convertShape(I2F, F, 0)).mul(d1).reinterpretAsInts();
                IntVector q1 = IntVector.fromMemorySegment(I, ALL, p + far + 8, LE);
                ShortVector l1 = q1.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                ShortVector u1 = q1.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(book)
                        .reinterpretAsShorts();
                LongVector u = l1.mul(x0)
                        .add(l1.lanewise(LSHR, by8).mul(x1))
                        .add(u1.mul(x2))
                        .add(u1.lanewise(LSHR, by8).mul(x3))
                        .add(c)
                        .lanewise(ASHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                a = ((FloatVector) both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                                .convertShape(I2F, F, 0))
                        .fma(first.selectFrom(s0, s1).reinterpretAsFloats().mul(d), a);
                long next = at + BookBlocks.RECORD;
                x0 = ShortVector.fromMemorySegment(S, ALL, next, LE);
                x1 = ShortVector.fromMemorySegment(S, ALL, next + 64, LE);
                x2 = ShortVector.fromMemorySegment(S, ALL, next + 128, LE);
                x3 = ShortVector.fromMemorySegment(S, ALL, next + 192, LE);
                c = ShortVector.fromMemorySegment(S, ALL, next + BookBlocks.CONSTANT, LE);
                d = FloatVector.fromMemorySegment(F, ALL, next + BookBlocks.SCALES, LE);
                q0 = IntVector.fromMemorySegment(I, ALL, p + 72, LE);
                l0 = q0.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                u0 = q0.lanewise(LSHR, 4).reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                t = l0.mul(x0)
                        .add(l0.lanewise(LSHR, by8).mul(x1))
                        .add(u0.mul(x2))
                        .add(u0.lanewise(LSHR, by8).mul(x3))
                        .add(c)
                        .lanewise(ASHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                q1 = IntVector.fromMemorySegment(I, ALL, p + far + 72, LE);
                l1 = q1.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                u1 = q1.lanewise(LSHR, 4).reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                u = l1.mul(x0)
                        .add(l1.lanewise(LSHR, by8).mul(x1))
                        .add(u1.mul(x2))
                        .add(u1.lanewise(LSHR, by8).mul(x3))
                        .add(c)
                        .lanewise(ASHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                a = ((FloatVector) both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                                .convertShape(I2F, F, 0))
                        .fma(second.selectFrom(s0, s1).reinterpretAsFloats().mul(d), a);
                p += 136;
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(1));
            ALL.set(FLOAT, y + 4L * r + yFar, a.lane(0));
        }
    }
}
