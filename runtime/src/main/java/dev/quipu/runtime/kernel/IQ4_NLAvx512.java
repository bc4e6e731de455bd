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
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * IQ4_NL times 8-bit integers, 512 bits: w = d value[n]. A block has 18 bytes: d (half precision), 16 of a nibble each for column j
 * (low) and j + 16 (high).
 *
 * <p>The nibbles of four blocks fill a vector. A byte that holds one finds value + 128 in a table of four copies, so that two
 * bits above it do not matter; pairs of those bytes meet their activations as in {@link FifthBitAvx512}. Four products sum to a
 * short, two of which are added as ints.
 */
final class IQ4_NLAvx512 implements RowProduct {
    /** Short k of block b's nibbles, in the first 64 bytes of four blocks or in those from byte 8 on. */
    private static final ShortVector NIBBLES = Avx512.window(4, l -> 9 * (l / 8) + 1 + l % 8);

    /** d of the lane's row and block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.shorts(l -> 9 * (l / 8) + (l % 4 < 2 ? 32 : 0));

    /** Values plus {@value BookBlocks#BIAS}, four times. */
    private static final ByteVector BOOK = Avx512.bytes(i -> CodeBooks.IQ4_NL.lane(i % 16) + BookBlocks.BIAS);

    @Override
    public ActivationFormat format() {
        return BookBlocks.IQ4_NL;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + QuadBlocks.records(columns) * (long) BookBlocks.RECORD;
        ShortVector nibbles = NIBBLES;
        ShortVector scale = SCALE;
        ByteVector book = BOOK;
        ShortVector by2 = ShortVector.broadcast(S, (short) 2);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        LongVector ones = LongVector.broadcast(L, Polynomials.ONES);
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            ShortVector h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
            ShortVector k0 = ShortVector.fromMemorySegment(S, ALL, p + 8, LE);
            ShortVector h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
            ShortVector k1 = ShortVector.fromMemorySegment(S, ALL, p + far + 8, LE);
            for (long at = x; at != end; at += BookBlocks.RECORD) {
                ShortVector x0 = ShortVector.fromMemorySegment(S, ALL, at, LE);
                ShortVector x1 = ShortVector.fromMemorySegment(S, ALL, at + 64, LE);
                ShortVector x2 = ShortVector.fromMemorySegment(S, ALL, at + 128, LE);
                ShortVector x3 = ShortVector.fromMemorySegment(S, ALL, at + 192, LE);
                ShortVector c = ShortVector.fromMemorySegment(S, ALL, at + BookBlocks.CONSTANT, LE);
                FloatVector d = FloatVector.fromMemorySegment(F, ALL, at + BookBlocks.SCALES, LE);
                IntVector q0 = nibbles.selectFrom(h0, k0).reinterpretAsInts();
                ShortVector l0 = q0.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                ShortVector u0 = q0.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(book)
                        .reinterpretAsShorts();
                LongVector t = l0.mul(x0)
                        .add(c)
                        .add(l0.lanewise(LSHR, by8).mul(x1))
                        .add(u0.mul(x2).add(u0.lanewise(LSHR, by8).mul(x3)))
                        .lanewise(ASHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                IntVector q1 = nibbles.selectFrom(h1, k1).reinterpretAsInts();
                ShortVector l1 = q1.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                ShortVector u1 = q1.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(book)
                        .reinterpretAsShorts();
                LongVector u = l1.mul(x0)
                        .add(c)
                        .add(l1.lanewise(LSHR, by8).mul(x1))
                        .add(u1.mul(x2).add(u1.lanewise(LSHR, by8).mul(x3)))
                        .lanewise(ASHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                FloatVector e = scale.selectFrom(h0, h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                a = ((FloatVector) both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                                .convertShape(I2F, F, 0))
                        .fma(e.mul(d), a);
                // The next weights already: all else waits for them longer than the processor looks ahead.
                p += 72;
                h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                k0 = ShortVector.fromMemorySegment(S, ALL, p + 8, LE);
                h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                k1 = ShortVector.fromMemorySegment(S, ALL, p + far + 8, LE);
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
