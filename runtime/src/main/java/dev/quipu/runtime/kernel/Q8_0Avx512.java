package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.I4;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q8_0 times 8-bit integers, 512 bits: w = d n. A block has 34 bytes: d (half precision), 32 signed bytes.
 *
 * <p>Two blocks fill a vector, whose shorts are n1 * 256 + n0, n0 without its sign. With it, {@code (q ^ 128) - 128}, a short meets both
 * activations without being taken apart, as in {@link FifthBitAvx512}:
 *
 * <pre>n0 x0 + n1 x1 = (n0 + 256 n1) x0 + n1 (x1 - 256 x0), modulo 2^16</pre>
 *
 * That is at most 2 * 128 * 127 = 32,512. With 2^15 added it has no sign; two bits are cut off it, and 1 or 2 added before makes up for that. One
 * multiplication makes the sum of four, with no carry from the lanes below. Those of four blocks come together in one vector.
 */
final class Q8_0Avx512 implements RowProduct {
    /** Short k of block b's bytes, in the first 64 bytes of four blocks or in the next. */
    private static final ShortVector LOW = Avx512.window(32, l -> 17 * (l / 16) + 1 + l % 16);

    /** Of blocks 2 and 3, in those from byte 64 on or from 72 on. */
    private static final ShortVector HIGH = Avx512.window(4, l -> 17 * (2 + l / 16) + 1 + l % 16 - 32);

    /** The block that a lane's sum is of: 0 or 1 in odd lanes. */
    private static final IntVector BLOCK = Avx512.ints(Q8_0Avx512::block);

    /** d of that block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.window(32, l -> 17 * block(l / 2));

    /** 2^15, and 1 or 2 by turns. */
    private static final ShortVector CENTRE = Avx512.shorts(l -> 0x8000 + 1 + l % 2);

    /** What the upper half of an int then has too much, 4 * 2^13, and what the lower one has in the mean, of three lanes. */
    private static final int EXCESS = 0x80000000 + 3 * 0x2000;

    private static int block(int lane) {
        return lane % 2 == 1 ? lane / 8 : 2 + lane / 8;
    }

    @Override
    public ActivationFormat format() {
        return ByteBlocks.Q8_0;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + QuadBlocks.records(columns) * (long) ByteBlocks.RECORD;
        ShortVector low = LOW;
        ShortVector high = HIGH;
        ShortVector scale = SCALE;
        IntVector block = BLOCK;
        ShortVector centre = CENTRE;
        ShortVector by2 = ShortVector.broadcast(S, (short) 2);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector sign = ShortVector.broadcast(S, (short) 128);
        LongVector ones = LongVector.broadcast(L, Polynomials.ONES);
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector excess = IntVector.broadcast(I, EXCESS);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (long at = x; at != end; at += ByteBlocks.RECORD) {
                ShortVector g = ShortVector.fromMemorySegment(S, ALL, p, LE);
                ShortVector h = ShortVector.fromMemorySegment(S, ALL, p + 64, LE);
                ShortVector k = ShortVector.fromMemorySegment(S, ALL, p + 72, LE);
                ShortVector q = low.selectFrom(g, h);
                LongVector t = q.lanewise(XOR, sign)
                        .sub(sign)
                        .mul(ShortVector.fromMemorySegment(S, ALL, at, LE))
                        .add(centre)
                        .add(q.lanewise(ASHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, at + 64, LE)))
                        .lanewise(LSHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                q = high.selectFrom(h, k);
                LongVector u = q.lanewise(XOR, sign)
                        .sub(sign)
                        .mul(ShortVector.fromMemorySegment(S, ALL, at + 128, LE))
                        .add(centre)
                        .add(q.lanewise(ASHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, at + 192, LE)))
                        .lanewise(LSHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                FloatVector d = scale.selectFrom(g, h)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                FloatVector e = block.selectFrom(
                                (IntVector) IntVector.fromMemorySegment(I4, ALL, at + ByteBlocks.SCALES, LE)
                                        .reinterpretShape(I, 0))
                        .reinterpretAsFloats();
                a = ((FloatVector) both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                                .sub(excess)
                                .convertShape(I2F, F, 0))
                        .fma(d.mul(e), a);
                p += 136;
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
