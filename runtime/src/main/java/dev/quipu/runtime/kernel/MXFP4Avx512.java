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
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * MXFP4 times 8-bit integers, 512 bits: w = 2^(e - 128) value[n]. A block has 17 bytes: e, 16 of a nibble each for column j (low)
 * and j + 16 (high).
 *
 * <p>The nibbles of four blocks fill a vector. A byte that holds one finds value + {@value Mxfp4#LARGEST} in a table of four copies,
 * so that two bits above it do not matter; pairs of those bytes meet their activations, and the sums of two rows come together, as in
 * {@link FifthBitAvx512}.
 */
final class MXFP4Avx512 implements RowProduct {
    /** Byte k of block b's nibbles, in the first 64 bytes of four blocks or in those from byte 4 on. */
    private static final ByteVector NIBBLES = Avx512.byteWindow(4, i -> 17 * (i / 16) + 1 + i % 16);

    /** e of the lane's row and block, in all bytes of an int, since only the highest counts: row 0 in odd lanes, the other in even ones. */
    private static final ByteVector SCALE = Avx512.bytes(i -> 17 * (i / 16) + (i / 4 % 2 == 1 ? 0 : 64));

    /** Values plus {@value Mxfp4#LARGEST}, four times. */
    private static final ByteVector BOOK = Avx512.bytes(i -> CodeBooks.MXFP4.lane(i % 16) + Mxfp4.LARGEST);

    /** The exponent of a float. */
    private static final IntVector EXPONENT = IntVector.broadcast(I, 0x7f800000);

    /** The bits of 2^-127, which e = 0 stands for. */
    private static final IntVector LEAST = IntVector.broadcast(I, 0x00400000);

    /** The bits of the largest float: nearly 2^128, which e = 255 stands for. */
    private static final IntVector MOST = IntVector.broadcast(I, 0x7f7fffff);

    private static final ShortVector BY_8 = ShortVector.broadcast(S, (short) 8);

    @Override
    public ActivationFormat format() {
        return QuadBlocks.MXFP4;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + QuadBlocks.records(columns) * (long) QuadBlocks.RECORD;
        ByteVector nibbles = NIBBLES;
        ByteVector scale = SCALE;
        ByteVector book = BOOK;
        ShortVector by8 = BY_8;
        IntVector constantOfLane = QuadBlocks.CONSTANT_OF_LANE;
        IntVector scaleOfLane = QuadBlocks.SCALE_OF_LANE;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector exponent = EXPONENT;
        IntVector least = LEAST;
        IntVector most = MOST;
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            ByteVector h0 = ByteVector.fromMemorySegment(B, ALL, p, LE);
            ByteVector k0 = ByteVector.fromMemorySegment(B, ALL, p + 4, LE);
            ByteVector h1 = ByteVector.fromMemorySegment(B, ALL, p + far, LE);
            ByteVector k1 = ByteVector.fromMemorySegment(B, ALL, p + far + 4, LE);
            for (long at = x; at != end; at += QuadBlocks.RECORD) {
                LongVector x0 = LongVector.fromMemorySegment(L, ALL, at, LE);
                LongVector x1 = LongVector.fromMemorySegment(L, ALL, at + 64, LE);
                LongVector x2 = LongVector.fromMemorySegment(L, ALL, at + 128, LE);
                LongVector x3 = LongVector.fromMemorySegment(L, ALL, at + 192, LE);
                IntVector shared = IntVector.fromMemorySegment(I, ALL, at + QuadBlocks.CONSTANTS, LE);
                IntVector q0 = nibbles.selectFrom(h0, k0).reinterpretAsInts();
                ShortVector l0 = q0.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                ShortVector u0 = q0.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(book)
                        .reinterpretAsShorts();
                LongVector t = l0.reinterpretAsLongs()
                        .mul(x0)
                        .add(l0.lanewise(LSHR, by8).reinterpretAsLongs().mul(x1))
                        .add(u0.reinterpretAsLongs()
                                .mul(x2)
                                .add(u0.lanewise(LSHR, by8).reinterpretAsLongs().mul(x3)));
                IntVector q1 = nibbles.selectFrom(h1, k1).reinterpretAsInts();
                ShortVector l1 = q1.reinterpretAsBytes().selectFrom(book).reinterpretAsShorts();
                ShortVector u1 = q1.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(book)
                        .reinterpretAsShorts();
                LongVector u = l1.reinterpretAsLongs()
                        .mul(x0)
                        .add(l1.lanewise(LSHR, by8).reinterpretAsLongs().mul(x1))
                        .add(u1.reinterpretAsLongs()
                                .mul(x2)
                                .add(u1.lanewise(LSHR, by8).reinterpretAsLongs().mul(x3)));
                FloatVector d = scale.selectFrom(h0, h1)
                        .reinterpretAsInts()
                        .lanewise(LSHR, 1)
                        .and(exponent)
                        .lanewise(MAX, least)
                        .lanewise(MIN, most)
                        .reinterpretAsFloats();
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                        .add(constantOfLane.selectFrom(shared));
                // Not scale times scale, which may be too small a number.
                a = ((FloatVector) c.convertShape(I2F, F, 0))
                        .mul(scaleOfLane.selectFrom(shared).reinterpretAsFloats())
                        .fma(d, a);
                // The next weights already: all else waits for them longer than the processor looks ahead.
                p += 68;
                h0 = ByteVector.fromMemorySegment(B, ALL, p, LE);
                k0 = ByteVector.fromMemorySegment(B, ALL, p + 4, LE);
                h1 = ByteVector.fromMemorySegment(B, ALL, p + far, LE);
                k1 = ByteVector.fromMemorySegment(B, ALL, p + far + 4, LE);
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
