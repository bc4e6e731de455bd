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

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q4_0 and Q4_1 times 9-bit integers, 512 bits: w = d (n - 8), w = d n + m = d (n - 8) + (m + 8 d). A block has 18 or 20 bytes: d,
 * and m (half precision), 16 of a nibble each for column j (low) and j + 16 (high).
 *
 * <p>The nibbles of four blocks fill a vector. A short q = n0 + 16 n1 + 256 n2 + 4096 n3 meets its four activations without
 * masks:
 *
 * <pre>n0 x0 + n1 x1 + n2 x2 + n3 x3 = q x0 + (q >>> 4)(x1 - 16 x0) + (q >>> 8)(x2 - 16 x1) + (q >>> 12)(x3 - 16 x2)</pre>
 *
 * {@link Polynomials} says how each product is that of four shorts. The sums of two rows, halves of long lanes, come together as
 * ints of one vector: row 0 in odd lanes, the other in even ones. m + 8 d meets the sum of the lane's activations.
 *
 * <p>A template of {@link SimdWidth}: the type is a constant.
 */
final class NibbleAvx512 implements RowProduct {
    private static final boolean MINIMUM =
            SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class) == GgmlType.Q4_1;

    /** Shorts before the nibbles, and of a block. */
    private static final int HEAD = MINIMUM ? 2 : 1;

    private static final int BLOCK = HEAD + 8;

    /** Where the second of two vectors begins that four blocks are in: bytes from the first. */
    private static final int SECOND = 8 * BLOCK - 64;

    /** Short k of block b's nibbles. */
    private static final ShortVector NIBBLES = Avx512.window(SECOND / 2, l -> BLOCK * (l / 8) + HEAD + l % 8);

    /** d of the lane's row and block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.shorts(l -> BLOCK * (l / 8) + (l % 4 < 2 ? 32 : 0));

    /** Likewise m. */
    private static final ShortVector LEAST = SCALE.add((short) 1);

    @Override
    public ActivationFormat format() {
        return QuadBlocks.Q4;
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
        FloatVector bias = FloatVector.broadcast(F, 8f);
        ShortVector by4 = ShortVector.broadcast(S, (short) 4);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector by12 = ShortVector.broadcast(S, (short) 12);
        IntVector constantOfLane = QuadBlocks.CONSTANT_OF_LANE;
        IntVector scaleOfLane = QuadBlocks.SCALE_OF_LANE;
        IntVector sumOfLane = QuadBlocks.SUM_OF_LANE;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            ShortVector h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
            ShortVector k0 = ShortVector.fromMemorySegment(S, ALL, p + SECOND, LE);
            ShortVector h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
            ShortVector k1 = ShortVector.fromMemorySegment(S, ALL, p + far + SECOND, LE);
            for (long at = x; at != end; at += QuadBlocks.RECORD) {
                LongVector x0 = LongVector.fromMemorySegment(L, ALL, at, LE);
                LongVector x1 = LongVector.fromMemorySegment(L, ALL, at + 64, LE);
                LongVector x2 = LongVector.fromMemorySegment(L, ALL, at + 128, LE);
                LongVector x3 = LongVector.fromMemorySegment(L, ALL, at + 192, LE);
                IntVector shared = IntVector.fromMemorySegment(I, ALL, at + QuadBlocks.CONSTANTS, LE);
                ShortVector q = nibbles.selectFrom(h0, k0);
                LongVector t = q.reinterpretAsLongs()
                        .mul(x0)
                        .add(q.lanewise(LSHR, by4).reinterpretAsLongs().mul(x1))
                        .add(q.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(x2)
                                .add(q.lanewise(LSHR, by12).reinterpretAsLongs().mul(x3)));
                q = nibbles.selectFrom(h1, k1);
                LongVector u = q.reinterpretAsLongs()
                        .mul(x0)
                        .add(q.lanewise(LSHR, by4).reinterpretAsLongs().mul(x1))
                        .add(q.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(x2)
                                .add(q.lanewise(LSHR, by12).reinterpretAsLongs().mul(x3)));
                FloatVector d = scale.selectFrom(h0, h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                if (MINIMUM) {
                    FloatVector m = least.selectFrom(h0, h1)
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
                // The next weights already: all else waits for them longer than the processor looks ahead.
                p += 8 * BLOCK;
                h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                k0 = ShortVector.fromMemorySegment(S, ALL, p + SECOND, LE);
                h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                k1 = ShortVector.fromMemorySegment(S, ALL, p + far + SECOND, LE);
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
