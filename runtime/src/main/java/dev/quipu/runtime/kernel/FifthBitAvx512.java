package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * Q5_0 and Q5_1 times 8-bit integers, 512 bits: w = d (n - 16), w = d n + m = d (n - 16) + (m + 16 d). A block has 22 or 24 bytes:
 * d, and m (half precision), the fifth bits of 32 columns, and 16 bytes, byte j with the lower bits of columns j (low) and j + 16
 * (high).
 *
 * <p>The nibbles of four blocks fill a vector; the fifth bits of all low ones are a mask of bytes that get 16 more, and so are
 * those of the high ones. A short s = n0 + 256 n1 meets its two activations without a mask:
 *
 * <pre>n0 x0 + n1 x1 = s x0 + (s >>> 8)(x1 - 256 x0)</pre>
 *
 * {@link Polynomials} says how each product is that of four shorts. The sums of two rows, halves of long lanes, come together as
 * ints of one vector: row 0 in odd lanes, the other in even ones. m + 16 d meets the sum of the lane's activations.
 *
 * <p>A template of {@link SimdWidth}: the type is a constant.
 */
final class FifthBitAvx512 implements RowProduct {
    private static final boolean MINIMUM =
            SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class) == GgmlType.Q5_1;

    /** Shorts before the fifth bits, and of a block. */
    private static final int HEAD = MINIMUM ? 2 : 1;

    private static final int BLOCK = HEAD + 10;

    /** Where the second of two vectors begins that four blocks are in: bytes from the first. */
    private static final int SECOND = 8 * BLOCK - 64;

    /** Short k of block b's nibbles. */
    private static final ShortVector NIBBLES = Avx512.window(SECOND / 2, l -> BLOCK * (l / 8) + HEAD + 2 + l % 8);

    /** d of the lane's block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.window(SECOND / 2, l -> BLOCK * (l / 8));

    /** Likewise m. */
    private static final ShortVector LEAST = Avx512.window(SECOND / 2, l -> BLOCK * (l / 8) + 1);

    /** The fifth bits: in four lanes those of columns 0 to 15 of each block, in the next four of 16 to 31. */
    private static final ShortVector FIFTH = Avx512.window(SECOND / 2, l -> BLOCK * (l % 4) + HEAD + l / 4 % 2);

    /** Shorts of odd ints. */
    private static final VectorMask<Short> ODD = VectorMask.fromLong(S, 0xccccccccL);

    @Override
    public ActivationFormat format() {
        return QuadBlocks.Q5;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + QuadBlocks.records(columns) * (long) QuadBlocks.RECORD;
        ShortVector nibbles = NIBBLES;
        ShortVector scale = SCALE;
        ShortVector least = LEAST;
        FloatVector bias = FloatVector.broadcast(F, 16f);
        ShortVector fifth = FIFTH;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        VectorMask<Short> odd = ODD;
        ByteVector sixteen = ByteVector.broadcast(B, (byte) 16);
        IntVector constantOfLane = QuadBlocks.CONSTANT_OF_LANE;
        IntVector scaleOfLane = QuadBlocks.SCALE_OF_LANE;
        IntVector sumOfLane = QuadBlocks.SUM_OF_LANE;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector low = IntVector.broadcast(I, 0x0f0f0f0f);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (long at = x; at != end; at += QuadBlocks.RECORD) {
                LongVector x0 = LongVector.fromMemorySegment(L, ALL, at, LE);
                LongVector x1 = LongVector.fromMemorySegment(L, ALL, at + 64, LE);
                LongVector x2 = LongVector.fromMemorySegment(L, ALL, at + 128, LE);
                LongVector x3 = LongVector.fromMemorySegment(L, ALL, at + 192, LE);
                IntVector shared = IntVector.fromMemorySegment(I, ALL, at + QuadBlocks.CONSTANTS, LE);
                ShortVector g0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                ShortVector h0 = ShortVector.fromMemorySegment(S, ALL, p + SECOND, LE);
                LongVector f = fifth.selectFrom(g0, h0).reinterpretAsLongs();
                IntVector q = nibbles.selectFrom(g0, h0).reinterpretAsInts();
                ShortVector s = q.and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f.lane(0)))
                        .reinterpretAsShorts();
                LongVector t = s.reinterpretAsLongs()
                        .mul(x0)
                        .add(s.lanewise(LSHR, by8).reinterpretAsLongs().mul(x1));
                s = q.lanewise(LSHR, 4)
                        .and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f.lane(1)))
                        .reinterpretAsShorts();
                t = t.add(s.reinterpretAsLongs()
                        .mul(x2)
                        .add(s.lanewise(LSHR, by8).reinterpretAsLongs().mul(x3)));
                ShortVector g1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                ShortVector h1 = ShortVector.fromMemorySegment(S, ALL, p + far + SECOND, LE);
                f = fifth.selectFrom(g1, h1).reinterpretAsLongs();
                q = nibbles.selectFrom(g1, h1).reinterpretAsInts();
                s = q.and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f.lane(0)))
                        .reinterpretAsShorts();
                LongVector u = s.reinterpretAsLongs()
                        .mul(x0)
                        .add(s.lanewise(LSHR, by8).reinterpretAsLongs().mul(x1));
                s = q.lanewise(LSHR, 4)
                        .and(low)
                        .reinterpretAsBytes()
                        .lanewise(ADD, sixteen, VectorMask.fromLong(B, f.lane(1)))
                        .reinterpretAsShorts();
                u = u.add(s.reinterpretAsLongs()
                        .mul(x2)
                        .add(s.lanewise(LSHR, by8).reinterpretAsLongs().mul(x3)));
                FloatVector d = scale.selectFrom(g1, h1)
                        .blend(scale.selectFrom(g0, h0), odd)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                if (MINIMUM) {
                    FloatVector m = least.selectFrom(g1, h1)
                            .blend(least.selectFrom(g0, h0), odd)
                            .reinterpretAsInts()
                            .lanewise(ASHR, 3)
                            .and(halfMask)
                            .reinterpretAsFloats();
                    b = d.fma(bias, m).fma(sumOfLane.selectFrom(shared).reinterpretAsFloats(), b);
                }
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                        .add(constantOfLane.selectFrom(shared));
                a = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(d.mul(scaleOfLane.selectFrom(shared).reinterpretAsFloats()), a);
                p += 8 * BLOCK;
            }
            if (MINIMUM) {
                a = a.add(b);
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
